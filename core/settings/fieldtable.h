// SPDX-License-Identifier: GPL-3.0-or-later
// One table of all settings; loading, saving, checking, comparing and --set run off it.
#pragma once

#include "base/result.h"
#include "settings/complaint.h"
#include "settings/settings.h"

#include <QtCore/QJsonValue>
#include <QtCore/QLatin1String>

#include <span>
#include <variant>

namespace restante::settings
{

/// One setting. Any thread; the table is constant.
struct Field {
    using Member = std::variant<bool Settings::*, int Settings::*, qint64 Settings::*, double Settings::*,
                                QString Settings::*, ListenAddress Settings::*,
                                std::optional<ListenAddress> Settings::*, std::optional<QHostAddress> Settings::*,
                                HomeserverUrl Settings::*, RelayOrigins Settings::*, QList<ListenAddress> Settings::*,
                                QList<Network> Settings::*, QList<matrix::ServerName> Settings::*,
                                QList<ServedEntry> Settings::*, QList<RelayEntry> Settings::*>;
    /// What is wrong with one text or address that could be read.
    using Check = MaybeComplaint (*)(const QString &text);

    QLatin1String key; ///< dotted, as in settings.json and --set
    Member member;
    double least = 0; ///< of numbers, inclusive; of lists, the smallest count of elements
    double most = 0;  ///< of numbers, inclusive; of lists, the greatest count
    bool restart = false;
    Check check = nullptr;

    bool equal(const Settings &left, const Settings &right) const;
    void copy(const Settings &from, Settings &to) const;
    QJsonValue toJson(const Settings &settings) const;
    /// The same to stand in the place of `held`, one of the file's: elements of a list that are in both keep there what
    /// means nothing to this version.
    QJsonValue toJson(const Settings &settings, const QJsonValue &held) const;
    /// Complains about another type, a number that does not fit, and a name or address that is none; ranges are left to
    /// `complaint`.
    MaybeComplaint fromJson(const QJsonValue &value, Settings &settings) const;
    /// The names in `value`, one of the file's, that mean nothing there, misspelt ones among them.
    QStringList unknownMembers(const QJsonValue &value) const;
    /// The value of --set. Booleans are true, false, yes, no, on, off, 1, 0; lists are separated by commas, an empty
    /// text is an empty list. A served destination that is named keeps its petname and known origins.
    MaybeComplaint fromText(const QString &text, Settings &settings) const;
    /// Nothing when the value is good.
    MaybeComplaint complaint(const Settings &settings) const;
};

/// A path that is not an absolute one, and not empty.
MaybeComplaint checkPath(const QString &text);
/// All settings, in the order of the struct.
std::span<const Field> fields();
/// Null for a key that does not exist.
const Field *findField(QStringView key);

/// Everything that is wrong with `settings`; empty when they can be used.
QList<Complaint> complaints(const Settings &settings);
/// The first of them as Errc::InvalidSetting.
Result<void> validate(const Settings &settings);
/// Sets one setting from text, as --set KEY=VALUE does. Complains about an unknown key and about a value that cannot be
/// read, is out of range or that nobody can mean; `settings` is unchanged then.
MaybeComplaint set(Settings &settings, QStringView key, const QString &text);
/// The keys whose values differ, in the order of the table.
QStringList changed(const Settings &before, const Settings &after);
/// Whether one of these keys takes effect only after a restart.
bool needsRestart(const QStringList &keys);

/// What belongs into the file after the operator edited settings while options override some of them: `saved` is what
/// the file holds, `effective` what the program runs with (saved and overridden), `edited` what the operator made of
/// the effective ones. Only what the operator changed goes into the file; of lists only the elements that were added,
/// removed or edited. A key in `edited.named` goes into the file as it is in `edited`.
Settings mergeEdited(const Settings &saved, const Settings &effective, const EditedSettings &edited);

/// If `edited` adds an element that `effective` has from an option and `saved` does not have, it would be listed
/// twice. The option's is taken out of both, so that the other one counts as added.
void takeOverFromOptions(const Settings &saved, Settings &effective, Settings &edited);

} // namespace restante::settings
