// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the vectors and captures of tests/data.
#pragma once

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

namespace restante::test
{

inline QJsonObject readJson(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).object() : QJsonObject();
}

inline QJsonArray vectorCases(const char *set)
{
    const auto path = QStringLiteral(RESTANTE_TEST_DATA "/vectors/%1.json").arg(QLatin1String(set));
    return readJson(path).value(QLatin1String("cases")).toArray();
}

struct Capture {
    QString name;
    QJsonObject json;
    QByteArray body;
};

inline QList<Capture> captures()
{
    QList<Capture> all;
    const QDir folder(QStringLiteral(RESTANTE_TEST_DATA "/captures"));
    const auto names = folder.entryList({QStringLiteral("txn-*.json")}, QDir::Files, QDir::Name);
    for (const QString &name : names) {
        const QJsonObject json = readJson(folder.filePath(name));
        all.append({name, json, QByteArray::fromBase64(json.value(QLatin1String("body_b64")).toString().toLatin1())});
    }
    return all;
}

inline QByteArray base64Field(const QJsonObject &object, const char *name)
{
    return QByteArray::fromBase64(object.value(QLatin1String(name)).toString().toLatin1());
}

inline QByteArray textField(const QJsonObject &object, const char *name)
{
    return object.value(QLatin1String(name)).toString().toUtf8();
}

} // namespace restante::test
