// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/limits.h"

#include <QtCore/QByteArrayView>

namespace restante::http
{

/// Finds the end of a request's head while it arrives, and refuses early what no valid head can contain: control bytes,
/// bare CR or LF, folded lines, too many bytes or fields. Looks at each byte once, so that a client which sends single
/// bytes costs no more than one which sends all at once. Holds no bytes itself.
class HeadScanner
{
public:
    enum class State { NeedMore, Complete, Refused };

    explicit HeadScanner(const Limits &limits);

    /// Goes on with `buffer`, which holds everything since the last `reset`, old bytes included.
    State scan(QByteArrayView buffer);
    /// Where the head begins: blank lines before it are skipped (RFC 9112, 2.2).
    qsizetype begin() const { return m_begin; }
    /// Just behind the head's empty line. Valid after Complete.
    qsizetype end() const { return m_position; }
    /// The status to answer. Valid after Refused.
    int status() const { return m_status; }
    /// What was wrong, in English. Valid after Refused.
    const char *reason() const { return m_reason; }
    void reset();

private:
    State refuse(int status, const char *reason);
    State endLine();
    State checkByte(unsigned char byte);
    void skipPlain(QByteArrayView buffer);

    const int m_requestLineBytes;
    const int m_headBytes;
    const int m_headFields;
    qsizetype m_position = 0;
    qsizetype m_begin = 0;
    qsizetype m_lineBegin = 0;
    int m_lines = 0;      ///< lines that ended, without the blank ones before the head
    int m_blankLines = 0; ///< blank lines before the head
    bool m_afterCr = false;
    int m_status = 0;
    const char *m_reason = "";
};

} // namespace restante::http
