// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/refusal.h"

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>

#include <optional>

namespace restante::http
{

/// Takes a chunked body apart (RFC 9112, 7.1) byte by byte, so that it makes no difference how the bytes were cut.
/// Stricter than the RFC wherever a proxy in front might read a line in another way: a size line ends at its CRLF,
/// whatever its quotes say, and is printable ASCII. Extensions and trailers are read and dropped. No I/O, no thread of
/// its own.
class ChunkDecoder
{
public:
    struct Progress {
        qsizetype consumed = 0; ///< of the bytes given; what is left of them comes after the body
        bool complete = false;
        std::optional<Refusal> refusal; ///< 400, 413 (the body) or 431 (the trailers)
    };

    /// Begins a body. `mostBytes`: how large it may become, decoded.
    void begin(qint64 mostBytes);
    /// Goes on with it, appending what it decodes to `body`. After a refusal only `begin` may follow.
    Progress decode(QByteArrayView bytes, QByteArray &body);

private:
    enum class State {
        SizeBegin,
        Size,
        Space, ///< behind a size or a value
        NameBegin,
        Name,
        NameSpace, ///< behind a name
        ValueBegin,
        Value,
        Quoted,
        QuotedPair,
        QuoteEnd,
        SizeLf,
        Data,
        DataCr,
        DataLf,
        TrailerBegin,
        TrailerName,
        TrailerValue,
        TrailerLf,
        EndLf,
        Complete,
    };

    using Verdict = std::optional<Refusal>;

    // Each takes one byte of its part.
    Verdict takeByte(unsigned char byte);
    Verdict takeSizeLine(unsigned char byte);
    Verdict takeSize(unsigned char byte);
    Verdict takeExtension(unsigned char byte);
    Verdict takeQuoted(unsigned char byte);
    Verdict endSizeLine(unsigned char byte);
    Verdict takeTrailer(unsigned char byte);
    Verdict takeTrailerName(unsigned char byte);
    Verdict expect(unsigned char byte, char wanted, State next);

    State m_state = State::SizeBegin;
    qint64 m_room = 0;         ///< bytes that the body may still grow by
    quint64 m_size = 0;        ///< of this chunk; while its data come, what is left of them
    qsizetype m_lineBytes = 0; ///< of this size line, without its CRLF
    qsizetype m_trailerBytes = 0;
    QByteArray m_trailerName;
};

} // namespace restante::http
