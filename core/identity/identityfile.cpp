// SPDX-License-Identifier: GPL-3.0-or-later
#include "identity/identityfile.h"

#include "base/ondisk.h"
#include "base/wholefile.h"
#include "identity/signingkeytext.h"
#include "matrix/base64.h"
#include "telemetry/logging.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

using namespace Qt::Literals::StringLiterals;

namespace restante::identity
{

namespace
{
constexpr QByteArrayView Intro = "# The identity of this installation of Restante. Whoever has this file can speak in "
                                 "its name: keep it secret.\n";

constexpr qsizetype MostTextBytes = 4'096;

// The lines after the comment: what the file is of, the key as Synapse writes it, and its public half as a check.
constexpr QByteArrayView NameWord = "server_name ";
constexpr QByteArrayView KeyWord = "ed25519 ";
constexpr QByteArrayView PublicWord = "public ";

/// The value after `word` in the only line that begins with it; nothing if there is none or several.
std::optional<QByteArrayView> lineOf(QByteArrayView text, QByteArrayView word)
{
    std::optional<QByteArrayView> found;
    while (!text.isEmpty()) {
        const qsizetype end = text.indexOf('\n');
        const QByteArrayView line = end < 0 ? text : text.first(end);
        text = end < 0 ? QByteArrayView() : text.sliced(end + 1);
        if (!line.startsWith(word))
            continue;
        if (found)
            return {};
        found = line.sliced(word.size());
    }
    return found;
}

Result<Identity> parseIdentity(QByteArrayView text)
{
    const auto damaged = [](const QString &why) { return Error{Errc::Corrupt, why}; };
    const auto name = lineOf(text, NameWord);
    const auto key = lineOf(text, KeyWord);
    const auto check = lineOf(text, PublicWord);
    if (!name || !key || !check)
        return damaged(u"it needs one line each of server_name, ed25519 and public"_s);
    auto parsedName = matrix::ServerName::parse(*name);
    if (!parsedName)
        return damaged(u"its server name is not valid"_s);
    const QByteArrayView keyLine(key->data() - KeyWord.size(), key->size() + KeyWord.size());
    auto parsedKey = parseSigningKeyLine(keyLine);
    if (!parsedKey)
        return damaged(u"its key is not valid"_s);
    const PublicKey &publicKey = parsedKey->key.publicKey();
    const auto expected = matrix::decodeBase64(*check, qsizetype(publicKey.size()));
    if (!expected || std::memcmp(expected->constData(), publicKey.data(), publicKey.size()) != 0)
        return damaged(u"its key and its public key do not belong together"_s);
    auto identity = Identity::of(*parsedName, parsedKey->keyId, std::move(parsedKey->key));
    if (!identity)
        return damaged(identity.error().detail);
    return identity;
}

/// Builds the file's text in guarded memory.
SecretBytes identityText(const Identity &identity)
{
    const QByteArray before = Intro.toByteArray() + NameWord.toByteArray() + identity.name().bytes() + '\n' +
                              KeyWord.toByteArray() + identity.keyId().sliced(qsizetype(qstrlen("ed25519:"))) + ' ';
    const QByteArray after = '\n' + PublicWord.toByteArray() + textOf(identity.publicKey()) + '\n';
    SecretBytes text(before.size() + SecretKey::SeedTextLength + after.size());
    std::memcpy(text.data(), before.constData(), size_t(before.size()));
    identity.secretKey().writeSeed(text, before.size());
    std::memcpy(text.data() + before.size() + SecretKey::SeedTextLength, after.constData(), size_t(after.size()));
    return text;
}

/// All that is left in `reader`, as long as an identity's text can be.
Result<SecretBytes> readIdentityText(SealedReader &reader)
{
    SecretBytes all(MostTextBytes);
    qsizetype used = 0;
    for (; used < all.size(); ++used) {
        const auto ended = reader.atEnd();
        if (!ended)
            return ended.error();
        if (*ended)
            break;
        if (const auto read = reader.read(all.chars() + used, 1); !read)
            return read.error();
    }
    if (used == all.size())
        return {Errc::Corrupt, u"there is more in it than an identity"_s};
    SecretBytes text(used);
    if (used > 0)
        std::memcpy(text.data(), all.data(), size_t(used));
    return text;
}

void closeToOthers(const QString &path)
{
    constexpr auto others = QFileDevice::ReadGroup | QFileDevice::WriteGroup | QFileDevice::ReadOther |
                            QFileDevice::WriteOther | QFileDevice::ExeGroup | QFileDevice::ExeOther;
    if ((QFileInfo(path).permissions() & others) == QFileDevice::Permissions())
        return;
    const bool closed = QFile::setPermissions(path, base::OwnerOnly);
    qCWarning(lcIdentity, "the identity file could be read by other users of this computer%s",
              closed ? "; now it cannot" : "");
}
} // namespace

IdentityFile::IdentityFile(const QString &dataFolder)
    : m_folder(dataFolder)
    , m_path(QDir(dataFolder).filePath(u"identity.key"_s))
{
}

bool IdentityFile::exists() const
{
    const QFileInfo info(m_path);
    return info.exists() || info.isSymLink();
}

Result<Identity> IdentityFile::load() const
{
    const auto text = readSecretFile(m_path);
    if (!text)
        return Error{Errc::Io, u"the identity file cannot be used: %1"_s.arg(text.error().detail)};
    if (text->size() == 0)
        return {Errc::Corrupt, u"the identity file %1 is empty; put back a copy of it, or remove it to get a new "
                               "identity"_s.arg(m_path)};
    auto identity = parseIdentity(text->view());
    if (!identity)
        return Error{Errc::Corrupt, u"the identity file %1 is damaged: %2; put back a copy of it"_s.arg(
                                        m_path, identity.error().detail)};
    closeToOthers(m_path);
    return identity;
}

Result<Identity> IdentityFile::loadOrCreate() const
{
    if (exists())
        return load();
    auto identity = Identity::generate();
    if (auto written = write(identity); !written)
        return written.error();
    return identity;
}

Result<Identity> IdentityFile::import(const QString &keyFile, const matrix::ServerName &name, const IsUsed &isUsed)
{
    const auto text = readSecretFile(keyFile, base::Pipes::Read);
    if (!text)
        return Error{Errc::InvalidSetting, text.error().detail};
    auto key = parseSigningKey(text->view());
    if (!key)
        return Error{Errc::InvalidSetting, u"%1: %2"_s.arg(keyFile, key.error().detail)};
    auto identity = Identity::of(name, key->keyId, std::move(key->key));
    if (!identity)
        return Error{Errc::InvalidSetting, u"%1: %2"_s.arg(keyFile, identity.error().detail)};
    return takeOver(*std::move(identity), isUsed);
}

Result<Identity> IdentityFile::exportTo(const QString &file, const SecretBytes &passphrase, PassphraseCost cost) const
{
    if (!exists())
        return {Errc::InvalidSetting, u"there is no identity in the data folder %1"_s.arg(m_folder)};
    auto identity = load();
    if (!identity)
        return identity;
    const auto writer = SealedWriter::create(file, SealedKind::Identity, passphrase, cost);
    if (!writer)
        return writer.error();
    if (const auto written = (*writer)->write(identityText(*identity).view()); !written)
        return written.error();
    if (const auto committed = (*writer)->commit(); !committed)
        return committed.error();
    return identity;
}

Result<Identity> IdentityFile::importExported(const QString &file, const SecretBytes &passphrase, const IsUsed &isUsed)
{
    if (const auto free = mustBeReplaceable(isUsed); !free)
        return free.error();
    const auto reader = SealedReader::open(file, SealedKind::Identity, passphrase);
    if (!reader)
        return reader.error();
    const auto text = readIdentityText(**reader);
    if (!text)
        return text.error();
    auto identity = parseIdentity(text->view());
    if (!identity)
        return Error{Errc::Corrupt, u"%1 holds no usable identity: %2"_s.arg(file, identity.error().detail)};
    return takeOver(*std::move(identity), isUsed);
}

Result<void> IdentityFile::mustBeReplaceable(const IsUsed &isUsed) const
{
    if (!exists())
        return {};
    const auto used = isUsed ? isUsed() : true;
    if (!used)
        return used.error();
    if (*used)
        return {Errc::InvalidSetting,
                u"this data folder has an identity already (%1), under which mail was held or sent; nothing was "
                "imported. Another name and key need a data folder of their own"_s.arg(m_path)};
    return {};
}

/// Nothing is written if the same identity is there already: a start may be given the same options each time.
Result<Identity> IdentityFile::takeOver(Identity identity, const IsUsed &isUsed)
{
    if (exists()) {
        const auto present = load();
        if (present && present->name() == identity.name() && present->keyId() == identity.keyId() &&
            present->publicKey() == identity.publicKey())
            return identity;
        if (const auto free = mustBeReplaceable(isUsed); !free)
            return free.error();
        if (const auto kept = keepOld(); !kept)
            return kept.error();
    }
    if (const auto written = write(identity); !written)
        return written.error();
    return identity;
}

/// The file gets a second name, so that there is an identity at every moment.
Result<void> IdentityFile::keepOld()
{
    constexpr int most = 1'000;
    for (int number = 1; number <= most; ++number) {
        const QString old = u"%1.old-%2"_s.arg(m_path).arg(number);
        if (::link(QFile::encodeName(m_path).constData(), QFile::encodeName(old).constData()) == 0) {
            m_keptAs = old;
            return {};
        }
        if (errno != EEXIST)
            return {Errc::Io,
                    u"the identity file %1 cannot be kept as %2: %3"_s.arg(m_path, old, qt_error_string(errno))};
    }
    return {Errc::Io, u"there are too many old identities beside %1"_s.arg(m_path)};
}

Result<void> IdentityFile::write(const Identity &identity) const
{
    const SecretBytes text = identityText(identity);
    // Unbuffered, so that Qt keeps no copy.
    if (auto written = base::WholeFile::write(m_path, text.view(), base::WholeFile::Buffer::Unbuffered); !written)
        return written;
    if (!base::giveToOwnerOf(m_folder, m_path))
        qCWarning(lcIdentity, "the identity file cannot be given to the owner of the data folder");
    return {};
}

} // namespace restante::identity
