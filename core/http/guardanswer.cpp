// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/guardanswer.h"

namespace restante::http
{

namespace
{

const char *phraseOf(int status)
{
    switch (status) {
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 413:
        return "Content Too Large";
    case 414:
        return "URI Too Long";
    case 417:
        return "Expectation Failed";
    case 421:
        return "Misdirected Request";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return ""; // a reason phrase may be empty (RFC 9112, 4)
    }
}

} // namespace

QByteArray composeAnswer(const GuardAnswer &answer, const QByteArray &dateLine)
{
    QByteArray wire;
    wire.reserve(192 + dateLine.size() + answer.body.size());
    wire += "HTTP/1.1 ";
    wire += QByteArray::number(answer.status);
    wire += ' ';
    wire += phraseOf(answer.status);
    wire += "\r\nContent-Type: application/json\r\nContent-Length: ";
    wire += QByteArray::number(answer.body.size());
    wire += "\r\n";
    for (const auto &[name, value] : answer.extra) {
        wire += name;
        wire += ": ";
        wire += value;
        wire += "\r\n";
    }
    wire += dateLine;
    if (answer.close)
        wire += "Connection: close\r\n";
    wire += "\r\n";
    if (!answer.headRequest)
        wire += answer.body;
    return wire;
}

} // namespace restante::http
