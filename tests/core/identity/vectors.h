// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the vector files and captures. QJson is good enough here: everything delicate in them is base64 or a string.
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtTest/QTest>

namespace restante::test
{

inline QByteArray readTestData(const QString &name)
{
    QFile file(QStringLiteral(RESTANTE_TEST_DATA "/") + name);
    if (!file.open(QIODevice::ReadOnly))
        qFatal("%s is missing", qPrintable(file.fileName()));
    return file.readAll();
}

inline QJsonObject readTestObject(const QString &name)
{
    return QJsonDocument::fromJson(readTestData(name)).object();
}

/// The cases of one set; every run must find some.
inline QJsonArray vectorCases(const QString &set)
{
    auto cases = readTestObject(QStringLiteral("vectors/%1.json").arg(set)).value(QStringLiteral("cases")).toArray();
    if (cases.isEmpty())
        qFatal("no cases in %s", qPrintable(set));
    return cases;
}

/// Rows of QJsonObject cases that `wanted` picks; returns how many there are.
template <typename Wanted>
int addRows(const QString &set, Wanted wanted)
{
    QTest::addColumn<QJsonObject>("vector");
    int rows = 0;
    for (const auto &value : vectorCases(set)) {
        const auto object = value.toObject();
        if (!wanted(object))
            continue;
        QTest::newRow(qPrintable(object.value(QStringLiteral("id")).toString())) << object;
        ++rows;
    }
    return rows;
}

inline QByteArray text(const QJsonObject &object, const char *key)
{
    return object.value(QLatin1String(key)).toString().toUtf8();
}

inline QByteArray bytes(const QJsonObject &object, const char *key)
{
    return QByteArray::fromBase64(text(object, key));
}

} // namespace restante::test
