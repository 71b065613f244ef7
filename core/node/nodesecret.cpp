// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/nodesecret.h"

#include <QtCore/QFile>

#include <sodium.h>

#include <algorithm>

namespace restante::node
{

namespace
{
constexpr qsizetype SecretBytes = 32;
constexpr qint64 MostFileBytes = 1'024;

bool isHex(const QByteArray &text)
{
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}
} // namespace

Result<QByteArray> loadOrCreateSecret(const QString &folder)
{
    QFile file(folder + QStringLiteral("/node.secret"));
    const auto failed = [&file](const char *what) {
        return Error{
            Errc::Io,
            QStringLiteral("%1 cannot be %2: %3").arg(file.fileName(), QLatin1String(what), file.errorString()), 0};
    };
    if (file.exists()) {
        if (!file.open(QIODevice::ReadOnly))
            return failed("read");
        const QByteArray secret = file.read(MostFileBytes).trimmed();
        if (secret.size() == 2 * SecretBytes && isHex(secret))
            return secret;
        return Error{Errc::Corrupt,
                     QStringLiteral("%1 does not hold 64 hexadecimal digits; move it away to have a new one made")
                         .arg(file.fileName()),
                     0};
    }
    QByteArray random(SecretBytes, Qt::Uninitialized);
    randombytes_buf(random.data(), size_t(random.size()));
    const QByteArray secret = random.toHex();
    if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly, QFileDevice::ReadOwner | QFileDevice::WriteOwner) ||
        file.write(secret + '\n') != secret.size() + 1 || !file.flush())
        return failed("written");
    return secret;
}

bool isSecret(const QByteArray &given, const QByteArray &secret)
{
    return given.size() == secret.size() &&
           sodium_memcmp(given.constData(), secret.constData(), size_t(secret.size())) == 0;
}

} // namespace restante::node
