// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/nodesecret.h"

#include "base/inputfile.h"
#include "base/ondisk.h"
#include "base/wholefile.h"

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
    if (file.exists()) {
        if (const auto opened = base::openToRead(file); !opened)
            return base::fileError(file.fileName(), QLatin1String("read"), opened.error().detail);
        const QByteArray secret = file.read(MostFileBytes).trimmed();
        if (secret.size() == 2 * SecretBytes && isHex(secret))
            return secret;
        if (file.error() != QFileDevice::NoError)
            return base::fileError(file.fileName(), QLatin1String("read"), file.errorString());
        if (!secret.isEmpty())
            return Error{Errc::Corrupt,
                         QStringLiteral("%1 does not hold 64 hexadecimal digits; move it away to have a new one made, "
                                        "and give that to the homeserver")
                             .arg(file.fileName()),
                         0};
        file.close();
    }
    QByteArray random(SecretBytes, Qt::Uninitialized);
    randombytes_buf(random.data(), size_t(random.size()));
    const QByteArray secret = random.toHex();
    if (const auto written = base::WholeFile::write(file.fileName(), secret + '\n'); !written)
        return written.error();
    return secret;
}

bool isSecret(const QByteArray &given, const QByteArray &secret)
{
    return given.size() == secret.size() &&
           sodium_memcmp(given.constData(), secret.constData(), size_t(secret.size())) == 0;
}

} // namespace restante::node
