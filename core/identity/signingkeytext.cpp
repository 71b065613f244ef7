// SPDX-License-Identifier: GPL-3.0-or-later
#include "identity/signingkeytext.h"

#include "base/inputfile.h"
#include "base/ondisk.h"
#include "identity/identity.h"

#include <QtCore/QFile>

#include <sodium.h>

#include <cstring>
#include <optional>
#include <vector>

using namespace Qt::Literals::StringLiterals;

namespace restante::identity
{

namespace
{
constexpr qint64 MostBytes = qint64(64) * 1024;
constexpr QByteArrayView PemBegin = "-----BEGIN MATRIX PRIVATE KEY-----";
constexpr QByteArrayView PemEnd = "-----END MATRIX PRIVATE KEY-----";

Error unusable(const QString &why)
{
    return {Errc::InvalidSetting, u"this is not a usable signing key: %1"_s.arg(why)};
}

QByteArrayView takeLine(QByteArrayView &rest)
{
    const qsizetype end = rest.indexOf('\n');
    const QByteArrayView line = end < 0 ? rest : rest.first(end);
    rest = end < 0 ? QByteArrayView() : rest.sliced(end + 1);
    return line.trimmed();
}

std::vector<QByteArrayView> words(QByteArrayView line)
{
    std::vector<QByteArrayView> found;
    const auto isSpace = [](char c) { return c == ' ' || c == '\t'; };
    qsizetype at = 0;
    while (at < line.size()) {
        while (at < line.size() && isSpace(line[at]))
            ++at;
        const qsizetype begin = at;
        while (at < line.size() && !isSpace(line[at]))
            ++at;
        if (at > begin)
            found.push_back(line.sliced(begin, at - begin));
    }
    return found;
}

int sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    if (c == '/' || c == '_')
        return 63;
    return -1;
}

/// 43 characters of base64, padded or not, to 32 bytes. Its own decoder, because the ordinary one leaves copies in
/// ordinary memory, and libsodium's refuses spare bits, which seeds in the wild have (PROTOCOL 1.2).
std::optional<SecretBytes> decodeSeed(QByteArrayView text)
{
    if (text.size() == SecretKey::SeedTextLength + 1 && text.endsWith('='))
        text.chop(1);
    if (text.size() != SecretKey::SeedTextLength)
        return {};
    SecretBytes seed(crypto_sign_SEEDBYTES);
    quint32 bits = 0;
    int held = 0;
    qsizetype written = 0;
    for (const char c : text) {
        const int value = sextet(c);
        if (value < 0)
            return {};
        bits = (bits << 6) | quint32(value);
        held += 6;
        if (held >= 8 && written < seed.size()) {
            held -= 8;
            seed.data()[written++] = static_cast<unsigned char>(bits >> held);
        }
    }
    return seed;
}

Result<NamedKey> named(QByteArray keyId, QByteArrayView seedText)
{
    if (!matrix::isEd25519KeyId(keyId))
        return unusable(u"its key id is not ed25519: and 1 to 128 of A-Z a-z 0-9 _ -"_s);
    const auto seed = decodeSeed(seedText);
    if (!seed)
        return unusable(u"the key itself is not 32 bytes in base64"_s);
    return NamedKey{std::move(keyId), SecretKey::fromSeed(*seed)};
}

Result<NamedKey> parsePem(QByteArrayView rest)
{
    QByteArray keyId;
    SecretBytes joined(SecretKey::SeedTextLength + 1);
    qsizetype used = 0;
    while (!rest.isEmpty()) {
        const QByteArrayView line = takeLine(rest);
        if (line == PemEnd)
            return keyId.isEmpty() ? Result<NamedKey>(unusable(u"the PEM block has no Key-ID header"_s))
                                   : named(keyId, joined.view().first(used));
        if (const qsizetype colon = line.indexOf(':'); colon >= 0) {
            if (line.first(colon).trimmed().compare(QByteArrayView("Key-ID"), Qt::CaseInsensitive) == 0)
                keyId = line.sliced(colon + 1).trimmed().toByteArray();
            continue;
        }
        if (used + line.size() > joined.size())
            return unusable(u"the PEM block holds more than one key of 32 bytes"_s);
        if (!line.isEmpty())
            std::memcpy(joined.data() + used, line.data(), size_t(line.size()));
        used += line.size();
    }
    return unusable(u"the PEM block has no end"_s);
}
} // namespace

Result<NamedKey> parseSigningKeyLine(QByteArrayView line)
{
    const auto parts = words(line);
    if (parts.size() != 3)
        return unusable(u"a line is not ALGORITHM VERSION KEY"_s);
    if (parts[0] != QByteArrayView("ed25519"))
        return unusable(u"its algorithm is not ed25519"_s);
    return named("ed25519:" + parts[1].toByteArray(), parts[2]);
}

Result<NamedKey> parseSigningKey(QByteArrayView text)
{
    QByteArrayView rest = text;
    while (!rest.isEmpty()) {
        const QByteArrayView line = takeLine(rest);
        if (line.isEmpty() || line.startsWith('#'))
            continue;
        if (line == PemBegin)
            return parsePem(rest);
        return parseSigningKeyLine(line);
    }
    return unusable(u"there is no key in it"_s);
}

Result<SecretBytes> readSecretFile(const QString &path, base::Pipes pipes)
{
    QFile file(path);
    if (const auto opened = base::openToRead(file, pipes); !opened) // unbuffered, so that Qt keeps no copy
        return base::fileError(path, "read"_L1, opened.error().detail);
    SecretBytes all(MostBytes + 1);
    qint64 used = 0;
    while (used < all.size()) {
        const qint64 got = file.read(all.chars() + used, all.size() - used);
        if (got < 0)
            return base::fileError(path, "read"_L1, file.errorString());
        if (got == 0)
            break;
        used += got;
    }
    if (used > MostBytes)
        return {Errc::Io, u"%1 is larger than a key file can be"_s.arg(path)};
    SecretBytes text(used);
    if (used > 0)
        std::memcpy(text.data(), all.data(), size_t(used));
    return text;
}

} // namespace restante::identity
