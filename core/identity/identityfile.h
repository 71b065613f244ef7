// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "identity/identity.h"
#include "identity/sealedfile.h"

#include <QtCore/QString>

namespace restante::identity
{

/// identity.key in the data folder: mode 0600, a few lines of text, written once and never written over. Main thread,
/// before the listeners exist; the caller holds the lock of the data folder.
class IdentityFile
{
public:
    explicit IdentityFile(const QString &dataFolder);

    const QString &path() const { return m_path; }
    /// Whether anything at all has the file's name, a dangling link too.
    bool exists() const;
    /// What `import` and `importExported` ask for: Errc::InvalidSetting where something has the file's name.
    Result<void> mustNotExist() const;
    /// Errc::Io where it cannot be read, Errc::Corrupt where it is empty or damaged. Takes read permission from group
    /// and others, should somebody have given it to them.
    Result<Identity> load() const;
    /// `load` where the file exists, otherwise a new self-certifying identity, on the disk before this returns.
    /// Errc::Io where it cannot be written.
    Result<Identity> loadOrCreate() const;
    /// Takes over a homeserver's key (`parseSigningKey`) under `name`. Errc::InvalidSetting where an identity exists,
    /// or the key file cannot be read or used; nothing is changed then. Errc::Io where it cannot be written.
    Result<Identity> import(const QString &keyFile, const matrix::ServerName &name) const;
    /// Writes the identity to `file`, which must not exist, sealed with `passphrase`, and returns it. May run beside a
    /// program that uses the folder. Errc::InvalidSetting where there is no identity or `file` exists, otherwise as
    /// `load` and SealedWriter.
    Result<Identity> exportTo(const QString &file, const SecretBytes &passphrase,
                              PassphraseCost cost = PassphraseCost::moderate()) const;
    /// Takes over what `exportTo` wrote. Errc::InvalidSetting where an identity exists; nothing is changed then, nor by
    /// any other error: those of SealedReader, Errc::Io where it cannot be written.
    Result<Identity> importExported(const QString &file, const SecretBytes &passphrase) const;

private:
    Result<void> write(const Identity &identity) const;

    QString m_folder;
    QString m_path;
};

} // namespace restante::identity
