// SPDX-License-Identifier: GPL-3.0-or-later
#include "identity/identityfile.h"

#include "identity/signingkeytext.h"
#include "matrix/base64.h"
#include "telemetry/logging.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QSaveFile>

#include <cstring>
#include <optional>

#ifdef Q_OS_UNIX
#include <fcntl.h>
#include <unistd.h>
#endif

using namespace Qt::Literals::StringLiterals;

namespace restante::identity
{

namespace
{
constexpr auto OwnerOnly = QFileDevice::ReadOwner | QFileDevice::WriteOwner;
constexpr QByteArrayView Intro = "# The identity of this installation of Restante. Whoever has this file can speak in "
                                 "its name: keep it secret.\n";

// The lines after the comment: what the file is of, the key as Synapse writes it, and its public half as a check.
constexpr QByteArrayView NameWord = "server_name ";
constexpr QByteArrayView KeyWord = "ed25519 ";
constexpr QByteArrayView PublicWord = "public ";

/// Makes the file's new name itself survive a power cut; only Unix has or needs this.
void syncFolder(const QString &folder)
{
#ifdef Q_OS_UNIX
    const int descriptor = ::open(QFile::encodeName(folder).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return;
    if (::fsync(descriptor) != 0)
        qCWarning(lcIdentity, "the data folder cannot be synchronised to the disk");
    ::close(descriptor);
#else
    Q_UNUSED(folder)
#endif
}

/// The value after `word` in the only line that begins with it; nothing where there is none or several.
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
    const auto &key = identity.publicKey();
    const QByteArray after = '\n' + PublicWord.toByteArray() +
                             matrix::encodeBase64({reinterpret_cast<const char *>(key.data()), qsizetype(key.size())}) +
                             '\n';
    SecretBytes text(before.size() + SecretKey::SeedTextLength + after.size());
    std::memcpy(text.data(), before.constData(), size_t(before.size()));
    identity.secretKey().writeSeed(text, before.size());
    std::memcpy(text.data() + before.size() + SecretKey::SeedTextLength, after.constData(), size_t(after.size()));
    return text;
}

void closeToOthers(const QString &path)
{
    constexpr auto others = QFileDevice::ReadGroup | QFileDevice::WriteGroup | QFileDevice::ReadOther |
                            QFileDevice::WriteOther | QFileDevice::ExeGroup | QFileDevice::ExeOther;
    if ((QFileInfo(path).permissions() & others) == QFileDevice::Permissions())
        return;
    const bool closed = QFile::setPermissions(path, OwnerOnly);
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

Result<Identity> IdentityFile::import(const QString &keyFile, const matrix::ServerName &name) const
{
    if (exists())
        return {Errc::InvalidSetting,
                u"this data folder has an identity already (%1); nothing was imported"_s.arg(m_path)};
    const auto text = readSecretFile(keyFile);
    if (!text)
        return Error{Errc::InvalidSetting, text.error().detail};
    auto key = parseSigningKey(text->view());
    if (!key)
        return Error{Errc::InvalidSetting, u"%1: %2"_s.arg(keyFile, key.error().detail)};
    auto identity = Identity::of(name, key->keyId, std::move(key->key));
    if (!identity)
        return Error{Errc::InvalidSetting, u"%1: %2"_s.arg(keyFile, identity.error().detail)};
    if (auto written = write(*identity); !written)
        return written.error();
    return identity;
}

Result<void> IdentityFile::write(const Identity &identity) const
{
    const SecretBytes text = identityText(identity);
    QSaveFile file(m_path);
    // Unbuffered, so that Qt keeps no copy; the mode is set while the file is still empty.
    if (!file.open(QIODevice::WriteOnly | QIODevice::Unbuffered) || !file.setPermissions(OwnerOnly) ||
        file.write(text.view().data(), text.size()) != text.size() || !file.commit())
        return {Errc::Io, u"the identity file %1 cannot be written: %2"_s.arg(m_path, file.errorString())};
    syncFolder(m_folder);
    return {};
}

} // namespace restante::identity
