// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>

#include <optional>

namespace restante::http
{

/// Turns what QHttpServer writes into what goes on the wire: gives the head a Date and the right Connection field,
/// keeps the body from a HEAD request, and finds the answer's end. One for each connection; no I/O.
class AnswerStream
{
public:
    struct Options {
        bool headRequest = false;
        bool close = false;                    ///< the connection ends with this answer
        bool http10 = false;                   ///< the client must be told when the connection stays
        QByteArray dateLine = {};              ///< "Date: …\r\n"
        bool bodyApart = false;                ///< QHttpServer writes the head only; the body comes by another way
        std::optional<qint64> apartBytes = {}; ///< its length; nothing if it is not known
    };

    /// Expects a new answer. `body` is the body that QHttpServer was given: when it comes back as it is, it need not be
    /// copied.
    void begin(Options options, const QByteArray &body);
    /// Takes what QHttpServer writes. Bytes after the answer's end are dropped.
    void take(const char *data, qint64 size);

    /// Whether anything was written.
    bool isStarted() const { return m_started; }
    /// Whether head and body are whole.
    bool isComplete() const { return m_headDone && m_bodyLeft == 0; }
    /// What goes on the wire first: the head, and the body if it is small or came in parts.
    QByteArray takeHead();
    /// Whether the head says that the body comes in chunks; it is a body apart then.
    bool isChunked() const { return m_options.bodyApart && !m_options.apartBytes && !m_options.http10; }
    /// Whether the answer has a body at all. After its head.
    bool hasBody() const { return !m_options.headRequest; }
    /// What goes on the wire next: a large body as it was given, else empty.
    QByteArray takeBody();

private:
    void endHead();
    QByteArray lengthLine() const;

    Options m_options;
    QByteArray m_given;
    QByteArray m_head;
    QByteArray m_out;
    QByteArray m_body;
    qint64 m_bodyLeft = 0;
    bool m_started = false;
    bool m_headDone = false;
};

} // namespace restante::http
