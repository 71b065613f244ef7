// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/answerstream.h"

#include <QtCore/QByteArrayView>

#include <algorithm>
#include <utility>

namespace restante::http
{

namespace
{

/// Below this a copy is cheaper than a second system call and packet.
constexpr qsizetype copiedBodyBytes = qsizetype{16} * 1024;

bool isField(QByteArrayView line, QByteArrayView name)
{
    return line.size() > name.size() && line[name.size()] == ':' &&
           line.first(name.size()).compare(name, Qt::CaseInsensitive) == 0;
}

} // namespace

void AnswerStream::begin(Options options, const QByteArray &body)
{
    m_options = std::move(options);
    m_given = body;
    m_head.resize(0); // keeps the memory
    m_out = QByteArray();
    m_body = QByteArray();
    m_bodyLeft = 0;
    m_started = m_headDone = false;
}

void AnswerStream::take(const char *data, qint64 size)
{
    m_started = true;
    if (!m_headDone) {
        const qsizetype from = std::max<qsizetype>(0, m_head.size() - 3);
        m_head.append(data, size);
        const qsizetype end = m_head.indexOf("\r\n\r\n", from);
        if (end < 0)
            return;
        const qint64 rest = m_head.size() - end - 4;
        m_head.truncate(end + 2);
        endHead();
        data += size - rest;
        size = rest;
    }
    size = std::min(size, m_bodyLeft);
    if (size == 0)
        return;
    m_bodyLeft -= size;
    if (m_options.headRequest)
        return;
    if (data == m_given.constData() && size == m_given.size() && size > copiedBodyBytes)
        m_body = m_given;
    else
        m_out.append(data, size);
}

QByteArray AnswerStream::takeHead()
{
    return std::exchange(m_out, {});
}

QByteArray AnswerStream::takeBody()
{
    m_given = QByteArray();
    return std::exchange(m_body, {});
}

void AnswerStream::endHead()
{
    m_headDone = true;
    const bool mayHaveBody = !m_head.startsWith("HTTP/1.1 204") && !m_head.startsWith("HTTP/1.1 304");
    m_out.reserve(m_head.size() + m_options.dateLine.size() + 64 + std::min(m_given.size(), copiedBodyBytes));
    QByteArrayView rest(m_head);
    while (!rest.isEmpty()) {
        const qsizetype end = rest.indexOf("\r\n") + 2;
        const QByteArrayView line = rest.first(end);
        rest = rest.sliced(end);
        if (isField(line, "connection") || isField(line, "date"))
            continue;
        if (isField(line, "content-length") && m_options.bodyApart) {
            if (mayHaveBody)
                m_out.append(lengthLine());
            continue;
        }
        if (isField(line, "content-length")) {
            m_bodyLeft = line.sliced(sizeof "content-length").trimmed().toLongLong();
            if (!mayHaveBody)
                continue; // RFC 9110, 8.6
        }
        m_out.append(line);
    }
    m_out.append(m_options.dateLine);
    if (m_options.close)
        m_out.append("Connection: close\r\n");
    else if (m_options.http10)
        m_out.append("Connection: keep-alive\r\n");
    m_out.append("\r\n");
    if (!mayHaveBody)
        m_options.headRequest = true;
}

/// How a body apart is framed.
QByteArray AnswerStream::lengthLine() const
{
    if (m_options.apartBytes)
        return "Content-Length: " + QByteArray::number(*m_options.apartBytes) + "\r\n";
    return isChunked() ? QByteArrayLiteral("Transfer-Encoding: chunked\r\n") : QByteArray();
}

} // namespace restante::http
