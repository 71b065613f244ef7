// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "identity/identity.h"
#include "identity/sealedfile.h"

#include <QtCore/QString>

#include <functional>

namespace restante::identity
{

/// identity.key in the data folder: mode 0600, a few lines of text, written once. One that was never used may be
/// replaced by an import, and is kept beside it. Main thread, before the listeners exist; the caller holds the lock of
/// the data folder.
class IdentityFile
{
public:
    explicit IdentityFile(const QString &dataFolder);

    const QString &path() const { return m_path; }
    /// Whether anything at all has the file's name, a dangling link too.
    bool exists() const;
    /// Whether the identity that is there was used: then it is never replaced.
    using IsUsed = std::function<Result<bool>()>;
    /// What `import` and `importExported` ask for: Errc::InvalidSetting if an identity is there that was used.
    /// Without `isUsed` every one counts as used.
    Result<void> mustBeReplaceable(const IsUsed &isUsed = {}) const;
    /// Errc::Io if it cannot be read, Errc::Corrupt if it is empty or damaged. Takes read permission from group and
    /// others, if they had it.
    Result<Identity> load() const;
    /// `load` if the file exists, otherwise a new self-certifying identity, on the disk before this returns.
    /// Errc::Io if it cannot be written.
    Result<Identity> loadOrCreate() const;
    /// Takes over a homeserver's key (`parseSigningKey`) under `name`; nothing happens if that is the identity
    /// already. Errc::InvalidSetting as mustBeReplaceable, or if the key file cannot be read or used; nothing is
    /// changed then. Errc::Io if it cannot be written. One that is replaced stays in identity.key.old-N.
    Result<Identity> import(const QString &keyFile, const matrix::ServerName &name, const IsUsed &isUsed = {});
    /// Writes the identity to `file`, which must not exist, sealed with `passphrase`, and returns it. May run beside a
    /// program that uses the folder. Errc::InvalidSetting if there is no identity or `file` exists, otherwise as
    /// `load` and SealedWriter.
    Result<Identity> exportTo(const QString &file, const SecretBytes &passphrase,
                              PassphraseCost cost = PassphraseCost::moderate()) const;
    /// Takes over what `exportTo` wrote, as `import` does. An error changes nothing: Errc::InvalidSetting as
    /// mustBeReplaceable, those of SealedReader, Errc::Io if it cannot be written.
    Result<Identity> importExported(const QString &file, const SecretBytes &passphrase, const IsUsed &isUsed = {});
    /// The file with the identity that the last import replaced; empty if it replaced none.
    const QString &keptAs() const { return m_keptAs; }

private:
    Result<Identity> takeOver(Identity identity, const IsUsed &isUsed);
    Result<void> keepOld();
    Result<void> write(const Identity &identity) const;

    QString m_folder;
    QString m_path;
    QString m_keptAs;
};

} // namespace restante::identity
