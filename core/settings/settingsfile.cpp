// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings/settingsfile.h"

#include "base/inputfile.h"
#include "base/ondisk.h"
#include "base/wholefile.h"
#include "matrix/jsonskim.h"
#include "settings/fieldtable.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QJsonDocument>
#include <QtCore/QSet>

using namespace Qt::Literals::StringLiterals;

namespace restante::settings
{

namespace
{
constexpr qint64 MostBytes = qint64(64) << 20;

bool hasTwice(QByteArrayView text)
{
    QByteArray unused;
    return matrix::canonicalise(text, matrix::NumberRule::Lenient, &unused) == matrix::JsonFault::DuplicateKey;
}

/// What stands twice in an object of `text`; Qt would take the last one without a word. Empty if nothing does.
QString saidTwice(QByteArrayView text)
{
    constexpr QByteArrayView mark = "\xef\xbb\xbf";
    if (text.startsWith(mark))
        text = text.sliced(mark.size());
    if (!hasTwice(text))
        return {};
    QSet<QByteArray> seen;
    for (const matrix::JsonMember &member : matrix::skimMembers(text).value_or(std::vector<matrix::JsonMember>())) {
        const QString key = QString::fromUtf8(member.key);
        if (seen.contains(member.key))
            return u"\"%1\" stands there twice"_s.arg(key);
        if (hasTwice(member.value.text))
            return u"there is the same member twice in \"%1\""_s.arg(key);
        seen.insert(member.key);
    }
    return u"the same key stands there twice"_s;
}
} // namespace

SettingsFile::SettingsFile(const QString &dataFolder)
    : m_path(QDir(dataFolder).filePath(u"settings.json"_s))
{
}

Result<QJsonObject> SettingsFile::readObject() const
{
    const QFileInfo info(m_path);
    if (!info.exists() && !info.isSymLink())
        return QJsonObject();
    QFile file(m_path);
    if (const auto opened = base::openToRead(file); !opened)
        return base::fileError(m_path, "read"_L1, opened.error().detail);
    const QByteArray text = file.read(MostBytes);
    if (file.error() != QFileDevice::NoError)
        return base::fileError(m_path, "read"_L1, file.errorString());
    QJsonParseError parseError;
    const auto document = QJsonDocument::fromJson(text, &parseError);
    if (parseError.error != QJsonParseError::NoError)
        return {Errc::Corrupt, u"the settings file %1 is damaged at byte %2: %3"_s.arg(
                                   m_path, QString::number(parseError.offset), parseError.errorString())};
    if (!document.isObject())
        return {Errc::Corrupt, u"the settings file %1 is damaged: it is not a JSON object"_s.arg(m_path)};
    if (const QString twice = saidTwice(text); !twice.isEmpty())
        return {Errc::Corrupt, u"the settings file %1 is damaged: %2"_s.arg(m_path, twice)};
    return document.object();
}

Result<Settings> SettingsFile::settingsIn(const QJsonObject &object) const
{
    Settings settings;
    for (const Field &field : fields()) {
        const auto value = object.value(field.key);
        if (value.isUndefined())
            continue;
        if (const auto wrong = field.fromJson(value, settings))
            return Error{Errc::InvalidSetting, u"%1 (in %2)"_s.arg(sentence(*wrong), m_path)};
    }
    return settings;
}

Result<Settings> SettingsFile::load() const
{
    const auto object = readObject();
    if (!object)
        return object.error();
    auto settings = settingsIn(*object);
    if (!settings)
        return settings;
    if (auto valid = validate(*settings); !valid)
        return Error{valid.error().code, u"%1 (in %2)"_s.arg(valid.error().detail, m_path)};
    return settings;
}

QStringList SettingsFile::unknownKeys() const
{
    const auto object = readObject();
    QStringList unknown;
    const QStringList keys = object ? object->keys() : QStringList();
    for (const QString &key : keys) {
        const Field *field = findField(key);
        if (!field)
            unknown.append(key);
        for (const QString &member : field ? field->unknownMembers(object->value(key)) : QStringList())
            unknown.append(u"%1 in %2"_s.arg(member, key));
    }
    return unknown;
}

Result<void> SettingsFile::save(const Settings &settings) const
{
    if (auto valid = validate(settings); !valid)
        return valid;
    auto held = readObject();
    if (!held)
        return held.error();
    const auto said = settingsIn(*held);
    if (!said)
        return said.error();
    QJsonObject object = std::move(*held);
    for (const Field &field : fields()) {
        if (!field.equal(settings, *said))
            object.insert(field.key, field.toJson(settings, object.value(field.key)));
    }
    return base::WholeFile::write(m_path, QJsonDocument(object).toJson(QJsonDocument::Indented));
}

} // namespace restante::settings
