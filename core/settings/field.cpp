// SPDX-License-Identifier: GPL-3.0-or-later
// What one row of the table can do, by the type of its member.
#include "settings/enteredname.h"
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
#include <utility>

using namespace Qt::Literals::StringLiterals;

namespace restante::settings
{

namespace
{
template <typename T>
constexpr bool isList = false;
template <typename T>
constexpr bool isList<QList<T>> = true;

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
QJsonValue write(const ListenAddress &value)
{
    return value.toString();
}
QJsonValue write(const std::optional<ListenAddress> &value)
{
    return value ? value->toString() : u""_s;
}
QJsonValue write(const HomeserverUrl &value)
{
    return value.toString();
}
QJsonValue write(const RelayOrigins &value)
{
    return value.toString();
}
QJsonValue write(const std::optional<QHostAddress> &value)
{
    return value ? value->toString() : u""_s;
}
template <typename T>
QJsonValue write(const QList<T> &value)
{
    QJsonArray list;
    for (const T &element : value)
        list.append(element.toString());
    return list;
}
QJsonValue write(const QList<ServedEntry> &value)
{
    QJsonArray list;
    for (const ServedEntry &entry : value) {
        QJsonObject object{{u"name"_s, entry.name.toString()}};
        if (!entry.petname.isEmpty())
            object.insert(u"petname"_s, entry.petname);
        if (!entry.knownOrigins.isEmpty())
            object.insert(u"known_origins"_s, write(entry.knownOrigins));
        if (!entry.front.isNull())
            object.insert(u"front"_s, entry.front.toString());
        if (!entry.tlsCertificate.isEmpty())
            object.insert(u"tls_certificate"_s, entry.tlsCertificate);
        if (!entry.tlsKey.isEmpty())
            object.insert(u"tls_key"_s, entry.tlsKey);
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
        return {u"name"_s, u"petname"_s, u"known_origins"_s, u"front"_s, u"tls_certificate"_s, u"tls_key"_s};
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
    const auto name = [&element](const QString &member) { return tidiedName(element.value(member).toString()); };
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

/// What stands in the place of a value of type `T`, for a message.
template <typename T>
Complaint wrongType(const QString &text)
{
    constexpr qsizetype mostQuoted = 80;
    const QStringList quoted{text.size() > mostQuoted ? text.first(mostQuoted) + QChar(0x2026) : text};
    if constexpr (std::is_same_v<T, bool>)
        return {ComplaintCode::NotABoolean, quoted};
    else if constexpr (std::is_same_v<T, double>)
        return {ComplaintCode::NotANumber, quoted};
    else if constexpr (std::is_integral_v<T>)
        return {ComplaintCode::NotAWholeNumber, quoted};
    else if constexpr (std::is_same_v<T, QList<RelayEntry>>)
        return {ComplaintCode::NotAListOfRelays, quoted};
    else if constexpr (std::is_same_v<T, QList<ServedEntry>>)
        return {ComplaintCode::NotAListOfServed, quoted};
    else if constexpr (isList<T>)
        return {ComplaintCode::NotAListOfTexts, quoted};
    else
        return {ComplaintCode::NotAText, quoted};
}
template <typename T>
Complaint wrongType(const QJsonValue &value)
{
    const QByteArray text = QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact);
    return wrongType<T>(QString::fromUtf8(text).chopped(1).sliced(1));
}

MaybeComplaint read(const QJsonValue &value, bool &out)
{
    out = value.toBool();
    return value.isBool() ? std::nullopt : MaybeComplaint(wrongType<bool>(value));
}
MaybeComplaint read(const QJsonValue &value, qint64 &out)
{
    // A number that is not an integer gives the default, whichever it is.
    out = value.toInteger(0);
    const bool fits = value.isDouble() && value.toInteger(1) == out;
    return fits ? std::nullopt : MaybeComplaint(wrongType<qint64>(value));
}
MaybeComplaint read(const QJsonValue &value, int &out)
{
    qint64 wide = 0;
    if (auto wrong = read(value, wide))
        return wrong;
    if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max())
        return wrongType<int>(value);
    out = int(wide);
    return {};
}
MaybeComplaint read(const QJsonValue &value, double &out)
{
    out = value.toDouble();
    return value.isDouble() ? std::nullopt : MaybeComplaint(wrongType<double>(value));
}
MaybeComplaint read(const QJsonValue &value, QString &out)
{
    out = value.toString();
    return value.isString() ? std::nullopt : MaybeComplaint(wrongType<QString>(value));
}
template <typename T>
MaybeComplaint read(const QJsonValue &value, T &out)
{
    return value.isString() ? parse(value.toString(), out) : MaybeComplaint(wrongType<QString>(value));
}
template <typename T>
MaybeComplaint read(const QJsonValue &value, QList<T> &out)
{
    out.clear();
    if (!value.isArray())
        return wrongType<QList<T>>(value);
    const auto list = value.toArray();
    for (const auto &element : list) {
        if (!element.isString())
            return wrongType<QList<T>>(value);
        if (auto wrong = parse(element.toString(), out.emplaceBack()))
            return wrong;
    }
    return {};
}
MaybeComplaint read(const QJsonValue &value, QList<ServedEntry> &out)
{
    out.clear();
    const Complaint otherShape = wrongType<QList<ServedEntry>>(value);
    if (!value.isArray())
        return otherShape;
    const auto list = value.toArray();
    for (const auto &element : list) {
        const auto object = element.toObject();
        const auto name = object.value(u"name"_s);
        const auto petname = object.value(u"petname"_s);
        const auto known = object.value(u"known_origins"_s);
        const auto front = object.value(u"front"_s);
        const auto certificate = object.value(u"tls_certificate"_s);
        const auto key = object.value(u"tls_key"_s);
        const auto isTextOrAbsent = [](const QJsonValue &text) { return text.isUndefined() || text.isString(); };
        if (!name.isString() || !isTextOrAbsent(petname) || !isTextOrAbsent(front) || !isTextOrAbsent(certificate) ||
            !isTextOrAbsent(key) || !(known.isUndefined() || known.isArray()))
            return otherShape;
        ServedEntry entry;
        entry.petname = petname.toString();
        entry.tlsCertificate = certificate.toString();
        entry.tlsKey = key.toString();
        if (auto wrong = parse(name.toString(), entry.name))
            return wrong;
        if (auto wrong = known.isUndefined() ? std::nullopt : read(known, entry.knownOrigins))
            return wrong;
        if (auto wrong = front.toString().isEmpty() ? std::nullopt : parse(front.toString(), entry.front))
            return wrong;
        out.append(entry);
    }
    return {};
}
MaybeComplaint read(const QJsonValue &value, QList<RelayEntry> &out)
{
    out.clear();
    if (!value.isArray())
        return wrongType<QList<RelayEntry>>(value);
    const auto list = value.toArray();
    for (const auto &element : list) {
        RelayTexts texts;
        if (!relayFromJson(element.toObject(), texts))
            return wrongType<QList<RelayEntry>>(value);
        if (const auto wrong = parse(texts, out.emplaceBack()))
            return wrong->complaint;
    }
    return {};
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

MaybeComplaint parseText(const QString &text, bool &out)
{
    const QString word = text.trimmed().toLower();
    out = word == "true"_L1 || word == "yes"_L1 || word == "on"_L1 || word == "1"_L1;
    if (out || word == "false"_L1 || word == "no"_L1 || word == "off"_L1 || word == "0"_L1)
        return {};
    return wrongType<bool>(text);
}
MaybeComplaint parseText(const QString &text, int &out)
{
    bool ok = false;
    out = text.trimmed().toInt(&ok);
    return ok ? std::nullopt : MaybeComplaint(wrongType<int>(text));
}
MaybeComplaint parseText(const QString &text, qint64 &out)
{
    bool ok = false;
    out = text.trimmed().toLongLong(&ok);
    return ok ? std::nullopt : MaybeComplaint(wrongType<qint64>(text));
}
MaybeComplaint parseText(const QString &text, double &out)
{
    bool ok = false;
    out = text.trimmed().toDouble(&ok);
    return ok && std::isfinite(out) ? std::nullopt : MaybeComplaint(wrongType<double>(text));
}
MaybeComplaint parseText(const QString &text, QString &out)
{
    out = text;
    return {};
}
template <typename T>
MaybeComplaint parseText(const QString &text, T &out)
{
    return parse(text, out);
}
template <typename T>
MaybeComplaint parseText(const QString &text, QList<T> &out)
{
    out.clear();
    for (const QString &part : splitList(text)) {
        if (auto wrong = parse(part, out.emplaceBack()))
            return wrong;
    }
    return {};
}
/// Is `text` meant as a list in JSON? One name in brackets is an IPv6 address.
bool isJsonList(const QString &text)
{
    static const QRegularExpression start(u"^\\s*\\[\\s*[^\\s0-9A-Fa-f:]"_s);
    return start.match(text).hasMatch();
}
template <typename T>
MaybeComplaint parseJsonList(const QString &text, QList<T> &out)
{
    // What is not JSON is a null document, and not an array.
    const QJsonDocument document = QJsonDocument::fromJson(text.toUtf8());
    return document.isArray() ? read(document.array(), out) : MaybeComplaint(wrongType<QList<T>>(text));
}
MaybeComplaint parseText(const QString &text, QList<ServedEntry> &out)
{
    if (isJsonList(text))
        return parseJsonList(text, out);
    QList<matrix::ServerName> names;
    if (auto wrong = parseText(text, names))
        return wrong;
    QList<ServedEntry> list;
    for (const matrix::ServerName &name : std::as_const(names)) {
        const auto same = [&name](const ServedEntry &entry) { return entry.name == name; };
        const auto known = std::find_if(out.cbegin(), out.cend(), same);
        list.append(known == out.cend() ? ServedEntry{name, {}, {}, {}} : *known);
    }
    out = list;
    return {};
}
MaybeComplaint parseText(const QString &text, QList<RelayEntry> &out)
{
    if (isJsonList(text))
        return parseJsonList(text, out);
    QList<RelayEntry> list;
    for (const QString &part : splitList(text)) {
        RelayTexts texts;
        if (!relayFromText(part, texts))
            return wrongType<QList<RelayEntry>>(text);
        RelayEntry entry;
        if (const auto wrong = parse(texts, entry))
            return wrong->complaint;
        const auto same = [&entry](const RelayEntry &each) { return each.key() == entry.key(); };
        if (const auto known = std::find_if(out.cbegin(), out.cend(), same); known != out.cend()) {
            const RelayUrl url = entry.url.isNull() ? known->url : entry.url;
            entry = *known;
            entry.url = url;
        }
        list.append(entry);
    }
    out = list;
    return {};
}

MaybeComplaint checkRange(double value, const Field &field)
{
    if (value >= field.least && value <= field.most)
        return {};
    const auto number = [](double n) { return QString::number(n, 'f', QLocale::FloatingPointShortest); };
    return Complaint{ComplaintCode::OutOfRange, {number(value), number(field.least), number(field.most)}};
}

/// Lists are compared by the text of their elements.
template <typename T, typename TextOf>
MaybeComplaint checkTwice(const QList<T> &list, TextOf textOf)
{
    QSet<QString> seen;
    for (const T &element : list) {
        const QString text = textOf(element);
        if (seen.contains(text))
            return Complaint{ComplaintCode::ListedTwice, {text}};
        seen.insert(text);
    }
    return {};
}

MaybeComplaint checkCount(qsizetype count, const Field &field, ComplaintCode tooMany)
{
    return double(count) > field.most ? MaybeComplaint(Complaint{tooMany, {QString::number(field.most)}})
                                      : std::nullopt;
}

template <typename T>
MaybeComplaint checkValue(const T & /*any*/, const Field & /*field*/)
{
    return {};
}
MaybeComplaint checkValue(int value, const Field &field)
{
    return checkRange(value, field);
}
MaybeComplaint checkValue(qint64 value, const Field &field)
{
    return checkRange(double(value), field);
}
MaybeComplaint checkValue(double value, const Field &field)
{
    return std::isfinite(value) ? checkRange(value, field)
                                : MaybeComplaint(Complaint{ComplaintCode::NotANumber, {QString::number(value)}});
}
MaybeComplaint checkValue(const QString &text, const Field &field)
{
    return field.check ? field.check(text) : std::nullopt;
}
MaybeComplaint checkValue(const ListenAddress &address, const Field &field)
{
    return field.check ? field.check(address.toString()) : std::nullopt;
}
template <typename T>
MaybeComplaint checkValue(const QList<T> &list, const Field &field)
{
    if (double(list.size()) < field.least || double(list.size()) > field.most)
        return Complaint{ComplaintCode::CountOutOfRange,
                         {QString::number(list.size()), QString::number(field.least), QString::number(field.most)}};
    return checkTwice(list, [](const T &element) { return element.toString(); });
}
MaybeComplaint checkValue(const RelayOrigins &value, const Field &field)
{
    return checkValue(value.pairs(), field);
}

/// Host has to tell whose door it is, and hosts are the same in capitals.
MaybeComplaint checkDoors(const QList<ServedEntry> &list)
{
    const auto hostOf = [](const matrix::ServerName &name) { return name.toString().toLower(); };
    QStringList hosts;
    for (const ServedEntry &entry : list) {
        if (entry.front.isNull())
            continue;
        hosts.append(hostOf(entry.front));
        if (hostOf(entry.name) != hosts.constLast())
            hosts.append(hostOf(entry.name));
    }
    for (const ServedEntry &entry : list) {
        if (entry.front.isNull() && hosts.contains(hostOf(entry.name)))
            return Complaint{ComplaintCode::ListedTwice, {entry.name.toString()}};
    }
    return checkTwice(hosts, [](const QString &host) { return host; });
}

MaybeComplaint checkDoorFiles(const ServedEntry &entry)
{
    if (entry.tlsCertificate.isEmpty() != entry.tlsKey.isEmpty())
        return Complaint{entry.tlsKey.isEmpty() ? ComplaintCode::TlsKeyMissing : ComplaintCode::TlsCertificateMissing};
    if (!entry.tlsCertificate.isEmpty() && entry.front.isNull())
        return Complaint{ComplaintCode::CertificateWithoutDoor, {entry.name.toString()}};
    if (auto wrong = checkPath(entry.tlsCertificate))
        return wrong;
    return checkPath(entry.tlsKey);
}

MaybeComplaint checkValue(const QList<ServedEntry> &list, const Field &field)
{
    constexpr qsizetype mostKnownOrigins = 1000;
    constexpr qsizetype mostPetname = 200;
    if (auto wrong = checkCount(list.size(), field, ComplaintCode::TooManyServed))
        return wrong;
    const auto nameOf = [](const auto &name) { return name.toString(); };
    for (const ServedEntry &entry : list) {
        const QString name = entry.name.toString();
        if (entry.petname.size() > mostPetname)
            return Complaint{ComplaintCode::LongPetname, {name, QString::number(mostPetname)}};
        if (entry.knownOrigins.size() > mostKnownOrigins)
            return Complaint{ComplaintCode::TooManyKnownOrigins, {name, QString::number(mostKnownOrigins)}};
        if (auto wrong = checkTwice(entry.knownOrigins, nameOf))
            return wrong;
        if (auto wrong = checkDoorFiles(entry))
            return wrong;
    }
    if (auto wrong = checkDoors(list))
        return wrong;
    return checkTwice(list, [](const ServedEntry &entry) { return entry.name.toString(); });
}

MaybeComplaint checkValue(const QList<RelayEntry> &list, const Field &field)
{
    if (auto wrong = checkCount(list.size(), field, ComplaintCode::TooManyRelays))
        return wrong;
    QSet<QString> seen;
    for (const RelayEntry &entry : list) {
        if (const auto problem = relayProblem(entry))
            return problem->complaint;
        if (seen.contains(entry.key()))
            return Complaint{ComplaintCode::ListedTwice, {entry.relay.toString()}};
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

MaybeComplaint Field::fromJson(const QJsonValue &value, Settings &settings) const
{
    return std::visit(
        [&](auto pointer) -> MaybeComplaint {
            auto read_ = settings.*pointer;
            if (const auto wrong = read(value, read_))
                return wrong->about(key);
            settings.*pointer = read_;
            return {};
        },
        member);
}

MaybeComplaint Field::fromText(const QString &text, Settings &settings) const
{
    return std::visit(
        [&](auto pointer) -> MaybeComplaint {
            auto parsed = settings.*pointer;
            if (const auto wrong = parseText(text, parsed))
                return wrong->about(key);
            // Text that is not JSON gives an empty array.
            const QJsonArray list = QJsonDocument::fromJson(text.toUtf8()).array();
            if (const QStringList strangers = strangersIn<decltype(parsed)>(list); !strangers.isEmpty())
                return Complaint{ComplaintCode::UnknownMember,
                                 {strangers.constFirst(), membersOf<decltype(parsed)>().join(", "_L1)},
                                 key};
            settings.*pointer = parsed;
            return {};
        },
        member);
}

QStringList Field::unknownMembers(const QJsonValue &value) const
{
    return std::visit([&]<typename T>(T Settings::*) { return strangersIn<T>(value.toArray()); }, member);
}

MaybeComplaint Field::complaint(const Settings &settings) const
{
    const auto wrong = std::visit([&](auto pointer) { return checkValue(settings.*pointer, *this); }, member);
    return wrong ? MaybeComplaint(wrong->about(key)) : std::nullopt;
}

} // namespace restante::settings
