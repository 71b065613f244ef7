// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "settings/settings.h"

#include <QtCore/QList>
#include <QtCore/QPair>
#include <QtCore/QString>
#include <QtCore/QStringList>

namespace restante::settings
{

/// The command line of restante and restanted, which is the same (core/README 9). Options override settings for one run
/// and are not written back: see `mergeEdited`.
struct Options {
    QString dataFolder;          ///< never empty
    QList<ListenAddress> listen; ///< replaces server.listen; empty = not given
    QString tlsCertificate;
    QString tlsKey;
    bool openRelay = false;
    QList<matrix::ServerName> serve;          ///< served besides those in the file
    QList<QPair<QString, QString>> overrides; ///< --set, in order: key and value
    QString importKey;                        ///< file; together with serverName or both empty
    matrix::ServerName serverName;
    bool hidden = false;
    QString card; ///< the link of a card to be shown in the window, as it was given
    bool help = false;
    bool version = false;

    /// `arguments` as in QCoreApplication::arguments(), the program's name first. Errc::InvalidSetting with one line
    /// that says what cannot be used; the caller exits with status 2.
    static Result<Options> parse(const QStringList &arguments);
    /// What --help prints.
    static QString helpText();
    /// The platform's data folder for "restante", the same for all programs of this installation.
    static QString defaultDataFolder();

    /// The settings of this run: `saved` with the options laid over it, validated. Errc::InvalidSetting.
    Result<Settings> applyTo(Settings saved) const;

    friend bool operator==(const Options &, const Options &) = default;
};

} // namespace restante::settings
