// SPDX-License-Identifier: GPL-3.0-or-later
#include "homeserver/yamltree.h"

#include <QtCore/QHash>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>

#include <yaml.h>

using namespace Qt::Literals::StringLiterals;

namespace restante::homeserver
{

namespace
{
/// One parser of libyaml and the event that it is at.
class YamlReader
{
public:
    explicit YamlReader(const QByteArray &text)
        : m_works(yaml_parser_initialize(&m_parser) == 1)
    {
        if (m_works)
            yaml_parser_set_input_string(&m_parser, reinterpret_cast<const unsigned char *>(text.constData()),
                                         size_t(text.size()));
    }
    ~YamlReader()
    {
        dropEvent();
        if (m_works)
            yaml_parser_delete(&m_parser);
    }
    Q_DISABLE_COPY_MOVE(YamlReader)

    Result<QJsonValue> read();

private:
    bool next();
    bool readValue(int depth, QJsonValue &out);
    bool readMap(int depth, QJsonValue &out);
    bool readList(int depth, QJsonValue &out);
    bool fail(const QString &reason, const yaml_mark_t &where);
    bool fail(const QString &reason) { return fail(reason, m_event.start_mark); }
    void dropEvent();
    QString anchor(const yaml_char_t *name) const { return QString::fromUtf8(reinterpret_cast<const char *>(name)); }

    yaml_parser_t m_parser{};
    yaml_event_t m_event{};
    const bool m_works;
    bool m_hasEvent = false;
    QHash<QString, QJsonValue> m_anchors; ///< values are shared, not copied, so aliases of aliases take no room
    QString m_problem;
};

void YamlReader::dropEvent()
{
    if (m_hasEvent)
        yaml_event_delete(&m_event);
    m_hasEvent = false;
}

bool YamlReader::fail(const QString &reason, const yaml_mark_t &where)
{
    if (m_problem.isEmpty())
        m_problem = u"%1 (line %2)"_s.arg(reason, QString::number(where.line + 1));
    return false;
}

bool YamlReader::next()
{
    dropEvent();
    if (!m_works)
        return fail(u"out of memory"_s, m_parser.mark);
    if (yaml_parser_parse(&m_parser, &m_event) != 1)
        return fail(m_parser.problem ? QString::fromUtf8(m_parser.problem) : u"it is not YAML"_s,
                    m_parser.problem_mark);
    m_hasEvent = true;
    return true;
}

/// The value that begins with the event at hand.
bool YamlReader::readValue(int depth, QJsonValue &out)
{
    if (depth > MostYamlDepth)
        return fail(u"it is nested too deeply"_s);
    switch (m_event.type) {
    case YAML_SCALAR_EVENT: {
        const auto &scalar = m_event.data.scalar;
        out = QString::fromUtf8(reinterpret_cast<const char *>(scalar.value), qsizetype(scalar.length));
        if (scalar.anchor)
            m_anchors.insert(anchor(scalar.anchor), out);
        return true;
    }
    case YAML_ALIAS_EVENT:
        out = m_anchors.value(anchor(m_event.data.alias.anchor));
        return true;
    case YAML_SEQUENCE_START_EVENT:
        return readList(depth, out);
    case YAML_MAPPING_START_EVENT:
        return readMap(depth, out);
    default:
        return fail(u"there is no value"_s);
    }
}

bool YamlReader::readList(int depth, QJsonValue &out)
{
    const QString name = m_event.data.sequence_start.anchor ? anchor(m_event.data.sequence_start.anchor) : QString();
    QJsonArray list;
    while (next() && m_event.type != YAML_SEQUENCE_END_EVENT) {
        QJsonValue element;
        if (!readValue(depth + 1, element))
            return false;
        list.append(element);
    }
    out = list;
    if (!name.isEmpty())
        m_anchors.insert(name, out);
    return m_hasEvent;
}

bool YamlReader::readMap(int depth, QJsonValue &out)
{
    const QString name = m_event.data.mapping_start.anchor ? anchor(m_event.data.mapping_start.anchor) : QString();
    QJsonObject map;
    while (next() && m_event.type != YAML_MAPPING_END_EVENT) {
        QJsonValue key;
        QJsonValue value;
        if (!readValue(depth + 1, key) || !next() || !readValue(depth + 1, value))
            return false;
        if (!key.isString())
            return fail(u"a name is a list or a map"_s);
        map.insert(key.toString(), value);
    }
    out = map;
    if (!name.isEmpty())
        m_anchors.insert(name, out);
    return m_hasEvent;
}

Result<QJsonValue> YamlReader::read()
{
    QJsonValue value = QJsonObject();
    while (m_problem.isEmpty() && next()) {
        if (m_event.type == YAML_STREAM_END_EVENT)
            return value;
        if (m_event.type == YAML_STREAM_START_EVENT || m_event.type == YAML_DOCUMENT_START_EVENT)
            continue;
        if (readValue(0, value))
            return value;
    }
    return Error{Errc::Corrupt, m_problem, 0};
}
} // namespace

Result<QJsonValue> readYaml(const QByteArray &text)
{
    return YamlReader(text).read();
}

} // namespace restante::homeserver
