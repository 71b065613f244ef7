// SPDX-License-Identifier: GPL-3.0-or-later
#include "homeserver/yamltree.h"

#include <QtCore/QHash>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>

#include <yaml.h>

#include <algorithm>

using namespace Qt::Literals::StringLiterals;

namespace restante::homeserver
{

namespace
{
struct Node {
    QJsonValue value = {};
    qint64 values = 1; ///< that it consists of, itself included
    int height = 0;    ///< of what is in it
    bool isMerge = false;
};

bool isPlain(const yaml_event_t &event)
{
    return event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !event.data.scalar.tag;
}

bool isNothing(const QString &text)
{
    return text.isEmpty() || text == "~"_L1 || text == "null"_L1 || text == "Null"_L1 || text == "NULL"_L1;
}

/// One parser of libyaml and the event that it is at.
class YamlReader
{
public:
    explicit YamlReader(const QByteArray &text)
        : m_text(text)
        , m_works(yaml_parser_initialize(&m_parser) == 1)
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
    bool readNode(int depth, Node &out);
    bool readInside(int depth, Node &out);
    bool readScalar(Node &out) const;
    bool readAlias(int depth, Node &out);
    bool readList(int depth, Node &out);
    bool readMap(int depth, Node &out);
    bool merge(const QJsonValue &value, QJsonObject &into);
    bool fail(const QString &reason, size_t line);
    bool fail(const QString &reason) { return fail(reason, m_event.start_mark.line); }
    void dropEvent();
    const yaml_char_t *anchor() const;
    static QString nameOf(const yaml_char_t *name) { return QString::fromUtf8(reinterpret_cast<const char *>(name)); }

    const QByteArray m_text;
    yaml_parser_t m_parser{};
    yaml_event_t m_event{};
    const bool m_works;
    bool m_hasEvent = false;
    qint64 m_values = 0;
    QHash<QString, Node> m_anchors; ///< their values are shared, not copied
    QString m_problem;
};

void YamlReader::dropEvent()
{
    if (m_hasEvent)
        yaml_event_delete(&m_event);
    m_hasEvent = false;
}

bool YamlReader::fail(const QString &reason, size_t line)
{
    if (m_problem.isEmpty())
        m_problem = u"%1 (line %2)"_s.arg(reason, QString::number(line + 1));
    return false;
}

bool YamlReader::next()
{
    dropEvent();
    if (!m_works)
        return fail(u"out of memory"_s, 0);
    if (yaml_parser_parse(&m_parser, &m_event) != 1) {
        // What is no text at all has a place in bytes, and no line.
        const size_t line = m_parser.error == YAML_READER_ERROR
                                ? size_t(m_text.left(qsizetype(m_parser.problem_offset)).count('\n'))
                                : m_parser.problem_mark.line;
        return fail(m_parser.problem ? QString::fromUtf8(m_parser.problem) : u"it is not YAML"_s, line);
    }
    m_hasEvent = true;
    return true;
}

/// The name that the value at hand gets for aliases, null if it gets none.
const yaml_char_t *YamlReader::anchor() const
{
    switch (m_event.type) {
    case YAML_SCALAR_EVENT:
        return m_event.data.scalar.anchor;
    case YAML_SEQUENCE_START_EVENT:
        return m_event.data.sequence_start.anchor;
    case YAML_MAPPING_START_EVENT:
        return m_event.data.mapping_start.anchor;
    default:
        return nullptr;
    }
}

/// The value that begins with the event at hand.
bool YamlReader::readNode(int depth, Node &out)
{
    out = {};
    const QString name = anchor() ? nameOf(anchor()) : QString();
    if (!readInside(depth, out))
        return false;
    if (!name.isEmpty())
        m_anchors.insert(name, out);
    return true;
}

bool YamlReader::readInside(int depth, Node &out)
{
    if (depth > MostYamlDepth)
        return fail(u"it is nested too deeply"_s);
    if (++m_values > MostYamlValues)
        return fail(u"it has too many values"_s);
    switch (m_event.type) {
    case YAML_SCALAR_EVENT:
        return readScalar(out);
    case YAML_ALIAS_EVENT:
        return readAlias(depth, out);
    case YAML_SEQUENCE_START_EVENT:
        return readList(depth, out);
    case YAML_MAPPING_START_EVENT:
        return readMap(depth, out);
    default:
        return fail(u"there is no value"_s);
    }
}

bool YamlReader::readScalar(Node &out) const
{
    const auto &scalar = m_event.data.scalar;
    const auto text = QString::fromUtf8(reinterpret_cast<const char *>(scalar.value), qsizetype(scalar.length));
    out.value = isPlain(m_event) && isNothing(text) ? QJsonValue() : QJsonValue(text);
    out.isMerge = isPlain(m_event) && text == "<<"_L1;
    return true;
}

bool YamlReader::readAlias(int depth, Node &out)
{
    const QString name = nameOf(m_event.data.alias.anchor);
    const auto found = m_anchors.constFind(name);
    if (found == m_anchors.cend())
        return fail(u"nothing is called “%1” before it"_s.arg(name.left(MostYamlDepth)));
    if (depth + found->height > MostYamlDepth)
        return fail(u"it is nested too deeply"_s);
    m_values += found->values - 1;
    if (m_values > MostYamlValues)
        return fail(u"it has too many values"_s);
    out = *found;
    return true;
}

bool YamlReader::readList(int depth, Node &out)
{
    QJsonArray list;
    while (next() && m_event.type != YAML_SEQUENCE_END_EVENT) {
        Node element;
        if (!readNode(depth + 1, element))
            return false;
        list.append(element.value);
        out.values += element.values;
        out.height = std::max(out.height, element.height + 1);
    }
    out.value = list;
    return m_hasEvent;
}

bool YamlReader::readMap(int depth, Node &out)
{
    QJsonObject own;
    QJsonObject all; // what is merged, at first
    while (next() && m_event.type != YAML_MAPPING_END_EVENT) {
        Node name;
        Node value;
        if (!readNode(depth + 1, name))
            return false;
        if (name.value.isArray() || name.value.isObject())
            return fail(u"a name is a list or a map"_s);
        if (!next() || !readNode(depth + 1, value))
            return false;
        if (name.isMerge && !merge(value.value, all))
            return fail(u"only maps can be merged"_s);
        if (!name.isMerge)
            own.insert(name.value.toString(), value.value);
        out.values += name.values + value.values;
        out.height = std::max(out.height, value.height + 1);
    }
    for (auto member = own.constBegin(); member != own.constEnd(); ++member)
        all.insert(member.key(), member.value());
    out.value = all;
    return m_hasEvent;
}

/// Of a list of maps the first goes before the others.
bool YamlReader::merge(const QJsonValue &value, QJsonObject &into)
{
    const QJsonArray maps = value.isArray() ? value.toArray() : QJsonArray{value};
    for (qsizetype i = maps.size() - 1; i >= 0; --i) {
        if (!maps.at(i).isObject())
            return false;
        const QJsonObject map = maps.at(i).toObject();
        for (auto member = map.constBegin(); member != map.constEnd(); ++member)
            into.insert(member.key(), member.value());
    }
    return true;
}

Result<QJsonValue> YamlReader::read()
{
    Node document;
    document.value = QJsonObject();
    while (m_problem.isEmpty() && next()) {
        if (m_event.type == YAML_STREAM_END_EVENT)
            return document.value;
        if (m_event.type == YAML_STREAM_START_EVENT || m_event.type == YAML_DOCUMENT_START_EVENT)
            continue;
        if (readNode(0, document))
            return document.value;
    }
    return Error{Errc::Corrupt, m_problem, 0};
}
} // namespace

Result<QJsonValue> readYaml(const QByteArray &text)
{
    return YamlReader(text).read();
}

} // namespace restante::homeserver
