// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/offline.h"

#include "backup/backup.h"
#include "control/check.h"
#include "control/identityuse.h"
#include "control/jsonof.h"
#include "control/operations.h"
#include "ctl/log.h"
#include "ctl/passphrase.h"
#include "identity/identityfile.h"
#include "node/salvage.h"
#include "queue/queuerewrite.h"
#include "settings/enteredname.h"

#include <QtCore/QFileInfo>
#include <QtCore/QJsonArray>

#include <algorithm>
#include <array>

using namespace Qt::Literals::StringLiterals;

namespace restante::ctl
{

namespace
{
constexpr qint64 DefaultLogLines = 50;

QString fileOf(const Invocation &invocation)
{
    return invocation.arguments.value("file"_L1).toString();
}

Result<identity::SecretBytes> passphraseFor(const Invocation &invocation, bool twice)
{
    return readPassphrase(invocation.arguments.value("passphrase_file"_L1).toString(), twice);
}

/// The passphrase for the command's new file. If the file exists nobody is asked for one.
Result<identity::SecretBytes> passphraseForNew(const Invocation &invocation)
{
    const QString file = fileOf(invocation);
    const QFileInfo info(file);
    if (info.exists() || info.isSymLink())
        return {Errc::InvalidSetting, u"%1 already exists and is not overwritten"_s.arg(file)};
    return passphraseFor(invocation, true);
}

QJsonObject jsonOf(const identity::Identity &identity)
{
    const QByteArray text = identity::textOf(identity.publicKey());
    return control::jsonOf(control::IdentityCard{QString::fromUtf8(identity.name().bytes()),
                                                 QString::fromUtf8(identity.keyId()), QString::fromUtf8(text)});
}

QJsonObject jsonOf(const backup::BackupReport &report)
{
    return {{u"server_name"_s, report.serverName},
            {u"files"_s, QJsonArray::fromStringList(report.files)},
            {u"bytes"_s, report.bytes}};
}

Result<QJsonObject> showLog(const Invocation &invocation)
{
    const auto lines =
        lastLogLines(invocation.dataFolder, invocation.arguments.value("lines"_L1).toInteger(DefaultLogLines));
    if (!lines)
        return lines.error();
    return QJsonObject{{u"lines"_s, QJsonArray::fromStringList(*lines)}};
}

Result<QJsonObject> exportIdentity(const Invocation &invocation)
{
    const QString file = fileOf(invocation);
    const auto passphrase = passphraseForNew(invocation);
    if (!passphrase)
        return passphrase.error();
    const auto identity = identity::IdentityFile(invocation.dataFolder).exportTo(file, *passphrase);
    if (!identity)
        return identity.error();
    QJsonObject value = jsonOf(*identity);
    value.insert(u"file"_s, file);
    return value;
}

Result<identity::Identity> takeOver(identity::IdentityFile &identityFile, const Invocation &invocation,
                                    const identity::IdentityFile::IsUsed &isUsed)
{
    const QString file = fileOf(invocation);
    const QJsonValue nameText = invocation.arguments.value("server_name"_L1);
    if (nameText.isString()) {
        matrix::ServerName name;
        if (const auto wrong = settings::parseEntered(nameText.toString(), name))
            return Error{Errc::InvalidSetting, u"--server-name: "_s + settings::sentence(*wrong), 0};
        return identityFile.import(file, name, isUsed);
    }
    const auto passphrase = passphraseFor(invocation, false);
    if (!passphrase)
        return passphrase.error();
    return identityFile.importExported(file, *passphrase, isUsed);
}

Result<QJsonObject> importIdentity(const Invocation &invocation)
{
    const auto folder = base::HeldFolder::take(invocation.dataFolder);
    if (!folder)
        return folder.error();
    if (auto finished = node::Salvage((*folder)->path()).finishInterrupted(); !finished)
        return finished.error();
    if (auto finished = queue::QueueRewrite({(*folder)->path()}).finishInterrupted(); !finished)
        return finished.error();
    identity::IdentityFile identityFile((*folder)->path());
    const auto isUsed = [&folder] { return control::isIdentityUsed((*folder)->path()); };
    if (const auto free = identityFile.mustBeReplaceable(isUsed); !free)
        return free.error();
    if (backup::isHalfRestored((*folder)->path()))
        return {Errc::InvalidSetting,
                u"Restoring a backup into %1 was interrupted; empty the folder first"_s.arg((*folder)->path())};
    const auto identity = takeOver(identityFile, invocation, isUsed);
    if (!identity)
        return identity.error();
    (*folder)->keep();
    QJsonObject value = jsonOf(*identity);
    if (!identityFile.keptAs().isEmpty())
        value.insert(u"replaced"_s, identityFile.keptAs());
    return value;
}

Result<QJsonObject> backUp(const Invocation &invocation)
{
    const QString file = fileOf(invocation);
    const auto passphrase = passphraseForNew(invocation);
    if (!passphrase)
        return passphrase.error();
    const auto report =
        backup::writeBackup(invocation.dataFolder, file, *passphrase, [] { return Interruption::isRequested(); });
    if (!report)
        return report.error();
    QJsonObject value = jsonOf(*report);
    value.insert(u"file"_s, file);
    return value;
}

Result<QJsonObject> restore(const Invocation &invocation)
{
    const auto folder = base::HeldFolder::take(invocation.dataFolder);
    if (!folder)
        return folder.error();
    if (const auto vacant = backup::mustBeVacant(**folder); !vacant)
        return vacant.error();
    const auto passphrase = passphraseFor(invocation, false);
    if (!passphrase)
        return passphrase.error();
    const auto report =
        backup::restoreBackup(**folder, fileOf(invocation), *passphrase, [] { return Interruption::isRequested(); });
    if (!report)
        return report.error();
    (*folder)->keep();
    QJsonObject value = jsonOf(*report);
    value.insert(u"data_folder"_s, (*folder)->path());
    return value;
}

Result<QJsonObject> check(const Invocation &invocation)
{
    const auto files = control::checkFolder(invocation.dataFolder);
    if (!files)
        return files.error();
    return QJsonObject{{u"files"_s, control::arrayOf(*files, [](const control::CheckedFile &file) {
                            return QJsonObject{{u"name"_s, file.name},
                                               {u"faults"_s, QJsonArray::fromStringList(file.faults)},
                                               {u"notes"_s, QJsonArray::fromStringList(file.notes)}};
                        })}};
}

struct Entry {
    QLatin1String words;
    OfflineCommand command = nullptr;
};
constexpr std::array<Entry, 6> OfflineCommands{{{"log"_L1, showLog},
                                                {"check"_L1, check},
                                                {"identity export"_L1, exportIdentity},
                                                {"identity import"_L1, importIdentity},
                                                {"backup"_L1, backUp},
                                                {"restore"_L1, restore}}};
} // namespace

OfflineCommand findOffline(const QString &words)
{
    const auto *found = std::find_if(OfflineCommands.begin(), OfflineCommands.end(),
                                     [&words](const Entry &entry) { return entry.words == words; });
    return found == OfflineCommands.end() ? nullptr : found->command;
}

} // namespace restante::ctl
