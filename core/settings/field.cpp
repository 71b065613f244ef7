// SPDX-License-Identifier: GPL-3.0-or-later
// What one row of the table can do, by the type of its member.
#include "matrix/enteredname.h"
#include "settings/fieldtable.h"
#include "settings/relayentry.h"

#include <QtCore/QHash>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QRegularExpression>
#include <QtCore/QSet>

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

using namespace Qt::Literals::StringLiterals;

namespace restante::settings
{

namespace
{
Result<void> wrongType(QLatin1String key, QLatin1String wanted)
{
    return {Errc::InvalidSetting, u"%1: %2 is expected"_s.arg(key, wanted)};
}

QJsonValue write(bool value)
{
    return value;
}
QJsonValue write(int value)
{
    return value;
}
QJsonValue write(qint64 value)
{
    return value;
}
QJsonValue write(double value)
{
    return value;
}
QJsonValue write(const QString &value)
{
    return value;
}
QJsonValue write(const QStringList &value)
{
    return QJsonArray::fromStringList(value);
}
QJsonValue write(const QList<ServedEntry> &value)
{
    QJsonArray list;
    for (const ServedEntry &entry : value) {
        QJsonObject object{{u"name"_s, entry.name}};
        if (!entry.petname.isEmpty())
            object.insert(u"petname"_s, entry.petname);
        if (!entry.knownOrigins.isEmpty())
            object.insert(u"known_origins"_s, QJsonArray::fromStringList(entry.knownOrigins));
        list.append(object);
    }
    return list;
}
QJsonValue write(const QList<RelayEntry> &value)
{
    QJsonArray list;
    for (const RelayEntry &entry : value)
        list.append(relayToJson(entry));
    return list;
}

/// The members that an element of a list of `T` can have; empty for what has none.
template <typename T>
QStringList membersOf()
{
    if constexpr (std::is_same_v<T, QList<ServedEntry>>)
        return {u"name"_s, u"petname"_s, u"known_origins"_s};
    else if constexpr (std::is_same_v<T, QList<RelayEntry>>)
        return {u"relay"_s, u"url"_s, u"pin"_s, u"destination"_s, u"petname"_s, u"overlay"_s};
    else
        return {};
}

/// The members that none of these elements can have, each once.
template <typename T>
QStringList strangersIn(const QJsonArray &list)
{
    const QStringList known = membersOf<T>();
    QStringList strangers;
    if (known.isEmpty())
        return strangers;
    for (const auto &element : list) {
        const QStringList names = element.toObject().keys();
        for (const QString &name : names) {
            if (!known.contains(name) && !strangers.contains(name))
                strangers.append(name);
        }
    }
    return strangers;
}

/// Which one an element of a list of `T` is, however its name is written.
template <typename T>
QStringList identityOf(const QJsonObject &element)
{
    const auto name = [&element](const QString &member) {
        return matrix::tidiedName(element.value(member).toString());
    };
    if constexpr (std::is_same_v<T, QList<RelayEntry>>)
        return {name(u"relay"_s), name(u"destination"_s)};
    else
        return {name(u"name"_s)};
}

/// Gives the elements of `list` what the same ones have in `held` and a list of `T` does not know.
template <typename T>
QJsonArray withStrangers(QJsonArray list, const QJsonArray &held)
{
    const QStringList known = membersOf<T>();
    if (known.isEmpty())
        return list;
    QHash<QStringList, QJsonObject> strangers;
    for (const auto &element : held) {
        QJsonObject object = element.toObject();
        const QStringList identity = identityOf<T>(object);
        for (const QString &member : known)
            object.remove(member);
        if (!object.isEmpty())
            strangers.insert(identity, object);
    }
    for (auto element : list) {
        QJsonObject object = element.toObject();
        const QJsonObject kept = strangers.value(identityOf<T>(object));
        for (auto member = kept.begin(); member != kept.end(); ++member)
            object.insert(member.key(), member.value());
        element = object;
    }
    return list;
}

bool read(const QJsonValue &value, bool &out)
{
    out = value.toBool();
    return value.isBool();
}
bool read(const QJsonValue &value, qint64 &out)
{
    // A number that is no integer gives the default, whichever it is.
    out = value.toInteger(0);
    return value.isDouble() && value.toInteger(1) == out;
}
bool read(const QJsonValue &value, int &out)
{
    qint64 wide = 0;
    if (!read(value, wide) || wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max())
        return false;
    out = int(wide);
    return true;
}
bool read(const QJsonValue &value, double &out)
{
    out = value.toDouble();
    return value.isDouble();
}
bool read(const QJsonValue &value, QString &out)
{
    out = value.toString();
    return value.isString();
}
bool read(const QJsonValue &value, QStringList &out)
{
    out.clear();
    const auto list = value.toArray();
    for (const auto &element : list) {
        if (!element.isString())
            return false;
        out.append(element.toString());
    }
    return value.isArray();
}
bool read(const QJsonValue &value, QList<ServedEntry> &out)
{
    out.clear();
    const auto list = value.toArray();
    for (const auto &element : list) {
        const auto object = element.toObject();
        const auto petname = object.value(u"petname"_s);
        const auto known = object.value(u"known_origins"_s);
        ServedEntry entry;
        if (!read(object.value(u"name"_s), entry.name) || (!petname.isUndefined() && !read(petname, entry.petname)) ||
            (!known.isUndefined() && !read(known, entry.knownOrigins)))
            return false;
        out.append(entry);
    }
    return value.isArray();
}
bool read(const QJsonValue &value, QList<RelayEntry> &out)
{
    out.clear();
    const auto list = value.toArray();
    for (const auto &element : list) {
        RelayEntry entry;
        if (!relayFromJson(element.toObject(), entry))
            return false;
        out.append(entry);
    }
    return value.isArray();
}

template <typename T>
constexpr QLatin1String wantedType()
{
    if constexpr (std::is_same_v<T, bool>)
        return "true or false"_L1;
    else if constexpr (std::is_same_v<T, double>)
        return "a number"_L1;
    else if constexpr (std::is_integral_v<T>)
        return "a whole number"_L1;
    else if constexpr (std::is_same_v<T, QString>)
        return "a text"_L1;
    else if constexpr (std::is_same_v<T, QStringList>)
        return "a list of texts"_L1;
    else if constexpr (std::is_same_v<T, QList<RelayEntry>>)
        return R"(a list of {"relay":"...","url":"https://...","destination":"..."})"_L1;
    else
        return R"(a list of {"name":"...","petname":"...","known_origins":["..."]})"_L1;
}

QStringList splitList(const QString &text)
{
    QStringList list;
    for (const QString &part : text.split(u',', Qt::SkipEmptyParts)) {
        if (const QString trimmed = part.trimmed(); !trimmed.isEmpty())
            list.append(trimmed);
    }
    return list;
}

bool parse(const QString &text, bool &out)
{
    const QString word = text.trimmed().toLower();
    out = word == "true"_L1 || word == "yes"_L1 || word == "on"_L1 || word == "1"_L1;
    return out || word == "false"_L1 || word == "no"_L1 || word == "off"_L1 || word == "0"_L1;
}
bool parse(const QString &text, int &out)
{
    bool ok = false;
    out = text.trimmed().toInt(&ok);
    return ok;
}
bool parse(const QString &text, qint64 &out)
{
    bool ok = false;
    out = text.trimmed().toLongLong(&ok);
    return ok;
}
bool parse(const QString &text, double &out)
{
    bool ok = false;
    out = text.trimmed().toDouble(&ok);
    return ok && std::isfinite(out);
}
bool parse(const QString &text, QString &out)
{
    out = text;
    return true;
}
bool parse(const QString &text, QStringList &out)
{
    out = splitList(text);
    return true;
}
/// Is `text` meant as a list in JSON? One name in brackets is an IPv6 address.
bool isJsonList(const QString &text)
{
    static const QRegularExpression start(u"^\\s*\\[\\s*[^\\s0-9A-Fa-f:]"_s);
    return start.match(text).hasMatch();
}
template <typename T>
bool parseJsonList(const QString &text, QList<T> &out)
{
    // What is no JSON is a null document, and no array.
    const QJsonDocument document = QJsonDocument::fromJson(text.toUtf8());
    return document.isArray() && read(document.array(), out);
}
bool parse(const QString &text, QList<ServedEntry> &out)
{
    if (isJsonList(text))
        return parseJsonList(text, out);
    QList<ServedEntry> list;
    for (const QString &name : splitList(text)) {
        const auto same = [&name](const ServedEntry &entry) { return entry.name == name; };
        const auto known = std::find_if(out.cbegin(), out.cend(), same);
        list.append(known == out.cend() ? ServedEntry{name, {}, {}} : *known);
    }
    out = list;
    return true;
}
bool parse(const QString &text, QList<RelayEntry> &out)
{
    if (isJsonList(text))
        return parseJsonList(text, out);
    QList<RelayEntry> list;
    for (const QString &part : splitList(text)) {
        RelayEntry entry;
        if (!relayFromText(part, entry))
            return false;
        const auto same = [&entry](const RelayEntry &each) { return each.key() == entry.key(); };
        if (const auto known = std::find_if(out.cbegin(), out.cend(), same); known != out.cend()) {
            const QString url = entry.url.isEmpty() ? known->url : entry.url;
            entry = *known;
            entry.url = url;
        }
        list.append(entry);
    }
    out = list;
    return true;
}

QString checkRange(double value, const Field &field)
{
    if (value >= field.least && value <= field.most)
        return {};
    const auto number = [](double n) { return QString::number(n, 'f', QLocale::FloatingPointShortest); };
    return u"%1 is out of range, allowed is %2 to %3"_s.arg(number(value), number(field.least), number(field.most));
}

QString checkEach(const QStringList &list, Field::Check check)
{
    QSet<QString> seen;
    for (const QString &text : list) {
        if (QString wrong = check ? check(text) : QString(); !wrong.isEmpty())
            return wrong;
        if (seen.contains(text))
            return u"\"%1\" is listed twice"_s.arg(text);
        seen.insert(text);
    }
    return {};
}

QString checkValue(bool /*any*/, const Field & /*field*/)
{
    return {};
}
QString checkValue(int value, const Field &field)
{
    return checkRange(value, field);
}
QString checkValue(qint64 value, const Field &field)
{
    return checkRange(double(value), field);
}
QString checkValue(double value, const Field &field)
{
    return std::isfinite(value) ? checkRange(value, field) : u"a number is expected"_s;
}
QString checkValue(const QString &text, const Field &field)
{
    return field.check ? field.check(text) : QString();
}
QString checkValue(const QStringList &list, const Field &field)
{
    if (double(list.size()) < field.least || double(list.size()) > field.most)
        return u"%1 to %2 of them are allowed, not %3"_s.arg(field.least).arg(field.most).arg(list.size());
    return checkEach(list, field.check);
}

QString checkValue(const QList<ServedEntry> &list, const Field &field)
{
    constexpr qsizetype mostKnownOrigins = 1000;
    if (double(list.size()) > field.most)
        return u"at most %1 destinations can be served"_s.arg(field.most);
    QStringList names;
    for (const ServedEntry &entry : list) {
        names.append(entry.name);
        if (entry.petname.size() > 200)
            return u"the name given to \"%1\" is longer than 200 characters"_s.arg(entry.name);
        if (entry.knownOrigins.size() > mostKnownOrigins)
            return u"\"%1\" has more than %2 known origins"_s.arg(entry.name, QString::number(mostKnownOrigins));
        if (QString wrong = checkEach(entry.knownOrigins, checkServerName); !wrong.isEmpty())
            return wrong;
    }
    return checkEach(names, checkServerName);
}

QString checkValue(const QList<RelayEntry> &list, const Field &field)
{
    if (double(list.size()) > field.most)
        return u"at most %1 relays can be kept"_s.arg(field.most);
    QSet<QString> seen;
    for (const RelayEntry &entry : list) {
        if (const auto problem = relayProblem(entry))
            return problem->text;
        if (seen.contains(entry.key()))
            return u"\"%1\" is listed twice"_s.arg(entry.relay);
        seen.insert(entry.key());
    }
    return {};
}
} // namespace

bool Field::equal(const Settings &left, const Settings &right) const
{
    return std::visit([&](auto pointer) { return left.*pointer == right.*pointer; }, member);
}

void Field::copy(const Settings &from, Settings &to) const
{
    std::visit([&](auto pointer) { to.*pointer = from.*pointer; }, member);
}

QJsonValue Field::toJson(const Settings &settings) const
{
    return std::visit([&](auto pointer) { return write(settings.*pointer); }, member);
}

QJsonValue Field::toJson(const Settings &settings, const QJsonValue &held) const
{
    const QJsonValue value = toJson(settings);
    if (!value.isArray())
        return value;
    return std::visit(
        [&]<typename T>(T Settings::*) -> QJsonValue { return withStrangers<T>(value.toArray(), held.toArray()); },
        member);
}

Result<void> Field::fromJson(const QJsonValue &value, Settings &settings) const
{
    return std::visit(
        [&](auto pointer) -> Result<void> {
            auto read_ = settings.*pointer;
            if (!read(value, read_))
                return wrongType(key, wantedType<decltype(read_)>());
            settings.*pointer = read_;
            return {};
        },
        member);
}

Result<void> Field::fromText(const QString &text, Settings &settings) const
{
    return std::visit(
        [&](auto pointer) -> Result<void> {
            auto parsed = settings.*pointer;
            if (!parse(text, parsed))
                return {Errc::InvalidSetting, u"%1: \"%2\" is not %3"_s.arg(key, text, wantedType<decltype(parsed)>())};
            // Text that is no JSON gives an empty array.
            const QJsonArray list = QJsonDocument::fromJson(text.toUtf8()).array();
            if (const QStringList strangers = strangersIn<decltype(parsed)>(list); !strangers.isEmpty())
                return {Errc::InvalidSetting,
                        u"%1: there is no \"%2\" in it; known are %3"_s.arg(
                            key, strangers.constFirst(), membersOf<decltype(parsed)>().join(", "_L1))};
            settings.*pointer = parsed;
            return {};
        },
        member);
}

QStringList Field::unknownMembers(const QJsonValue &value) const
{
    return std::visit([&]<typename T>(T Settings::*) { return strangersIn<T>(value.toArray()); }, member);
}

QString Field::complaint(const Settings &settings) const
{
    const QString wrong = std::visit([&](auto pointer) { return checkValue(settings.*pointer, *this); }, member);
    return wrong.isEmpty() ? QString() : u"%1: %2"_s.arg(key, wrong);
}

} // namespace restante::settings
