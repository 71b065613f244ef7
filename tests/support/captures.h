// SPDX-License-Identifier: GPL-3.0-or-later
// The transactions that a real homeserver sent (tests/data/captures).
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QStringList>

namespace restante::test
{

/// One request to /send, as it came.
struct Capture {
    QByteArray target;
    QByteArray authorization;
    QByteArray body;
    qint64 receivedMs = 0;

    QByteArray txnId() const { return target.sliced(target.lastIndexOf('/') + 1); }
};

/// Their files, in the order in which they came.
inline QStringList captureFiles()
{
    return QDir(QStringLiteral(RESTANTE_TEST_DATA "/captures"))
        .entryList({QStringLiteral("txn-*.json")}, QDir::Files, QDir::Name);
}

inline Capture readCapture(const QString &file)
{
    QFile opened(QStringLiteral(RESTANTE_TEST_DATA "/captures/") + file);
    if (!opened.open(QFile::ReadOnly))
        qFatal("%s cannot be read", qPrintable(file));
    const QJsonObject object = QJsonDocument::fromJson(opened.readAll()).object();
    Capture capture;
    capture.target = object.value(QLatin1String("path")).toString().toLatin1();
    capture.body = QByteArray::fromBase64(object.value(QLatin1String("body_b64")).toString().toLatin1());
    capture.receivedMs = object.value(QLatin1String("meta")).toObject().value(QLatin1String("received_ms")).toInteger();
    const auto headers = object.value(QLatin1String("headers")).toArray();
    for (const auto &each : headers) {
        if (each.toArray().at(0).toString() == QLatin1String("Authorization"))
            capture.authorization = each.toArray().at(1).toString().toLatin1();
    }
    return capture;
}

} // namespace restante::test
