// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/request.h"

#include "control/protocol.h"

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

Request::Request(const Desk &desk, qint64 id, QJsonObject arguments, Write write)
    : m_desk(desk)
    , m_id(id)
    , m_arguments(std::move(arguments))
    , m_write(std::move(write))
{
}

void Request::progress(const QJsonObject &value)
{
    if (!m_ended)
        m_write(lineOf({{u"id"_s, m_id}, {u"event"_s, u"progress"_s}, {u"value"_s, value}}), true);
}

void Request::finish(const Result<QJsonObject> &result)
{
    if (m_ended)
        return;
    m_ended = true;
    QJsonObject answer{{u"id"_s, m_id}, {u"ok"_s, result.ok()}};
    if (result)
        answer.insert(u"value"_s, *result);
    else
        answer.insert(u"error"_s, errorToJson(result.error()));
    m_write(lineOf(answer), false);
    Q_EMIT finished();
}

void Request::abandon()
{
    if (m_ended)
        return;
    m_ended = true;
    if (m_undo)
        m_undo();
}

} // namespace restante::control
