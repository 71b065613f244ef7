// SPDX-License-Identifier: GPL-3.0-or-later
#include "folderlook.h"

#include "base/inputfile.h"

#include <QtCore/QDir>
#include <QtCore/QFileInfo>

#include <array>
#include <optional>

using namespace Qt::Literals::StringLiterals;

namespace restante::app
{

namespace
{
using Kind = control::StatusWarning::Kind;

constexpr auto Log = "restante.log"_L1;
/// What only a start leaves behind. Not settings.json, which may be written by hand before the first start, nor
/// identity.key, which can be imported before it.
constexpr std::array LeftByStarts{"queue.sqlite"_L1,  "queue.sqlite-wal"_L1, "node.sqlite"_L1,
                                  "queue.reserve"_L1, "node.secret"_L1,      Log};

class Look
{
public:
    explicit Look(const QString &folder)
        : m_folder(folder)
    {
    }

    std::optional<control::StatusWarning> openFolder() const
    {
        constexpr auto others = QFileDevice::ReadGroup | QFileDevice::WriteGroup | QFileDevice::ExeGroup |
                                QFileDevice::ReadOther | QFileDevice::WriteOther | QFileDevice::ExeOther;
        if ((QFileInfo(m_folder.path()).permissions() & others) == QFileDevice::Permissions())
            return {};
        return control::StatusWarning{
            Kind::OpenFolder,
            u"Other users of this computer can enter the data folder %1; close it to them with: chmod 700 %1"_s.arg(
                m_folder.path())};
    }

    std::optional<control::StatusWarning> newIdentity() const
    {
        const QString older = olderThan("identity.key"_L1);
        if (QFileInfo(path("identity.key"_L1)).isSymLink() || QFileInfo::exists(path("identity.key"_L1)) ||
            older.isEmpty())
            return {};
        return control::StatusWarning{
            Kind::NewIdentity, u"The identity file %1 was missing beside older files (%2), so a new identity was made: "
                               "friends and relays know the old one. If you have a copy of the file, stop the program "
                               "and put it back"_s.arg(path("identity.key"_L1), older)};
    }

    std::optional<control::StatusWarning> newDatabase(QLatin1String name) const
    {
        const QFileInfo file(path(name));
        const bool empty = file.exists() && file.size() == 0;
        const QString older = olderThan(name);
        if (file.size() > 0 || (!empty && older.isEmpty()) || isSomethingElse(file))
            return {};
        const QString what = empty ? u"empty"_s : u"missing beside older files (%1)"_s.arg(older);
        return control::StatusWarning{
            Kind::NewDatabase,
            u"The database %1 was %2, so a new one was made: mail that it held is not here. If you "
            "have a copy of the file, stop the program and put it back"_s.arg(file.filePath(), what)};
    }

    std::optional<control::StatusWarning> newSecret() const
    {
        const QFileInfo file(path("node.secret"_L1));
        if (file.size() > 0 || isSomethingElse(file) ||
            (!file.exists() && QFileInfo(path("node.sqlite"_L1)).size() == 0))
            return {};
        return control::StatusWarning{
            Kind::NewSecret, u"The secret of the node listener, %1, was %2, so a new one was made: give it to the "
                             "homeserver (worker_replication_secret), whose requests are refused until then"_s.arg(
                                 file.filePath(), file.exists() ? u"empty"_s : u"missing beside older files"_s)};
    }

private:
    /// The part that opens it says what it is; nothing is made in its place.
    static bool isSomethingElse(const QFileInfo &file) { return !base::notAFile(file.filePath()).isEmpty(); }
    QString path(QLatin1String name) const { return m_folder.filePath(name); }

    /// The names of what earlier starts left, but for `name` and what belongs to it.
    QString olderThan(QLatin1String name) const
    {
        QStringList names;
        for (const QLatin1String left : LeftByStarts) {
            // A first start may have come as far as the log before its identity could not be written.
            if (left != name && !(left == Log && name == "identity.key"_L1) && QFileInfo(path(left)).size() > 0)
                names.append(left);
        }
        return names.join(", "_L1);
    }

    const QDir m_folder;
};
} // namespace

QList<control::StatusWarning> lookAtFolder(const QString &folder, bool withNode)
{
    const Look look(folder);
    QList<control::StatusWarning> warnings;
    const auto add = [&warnings](std::optional<control::StatusWarning> warning) {
        if (warning)
            warnings.append(*std::move(warning));
    };
    add(look.openFolder());
    add(look.newIdentity());
    add(look.newDatabase("queue.sqlite"_L1));
    if (!withNode)
        return warnings;
    // The node role makes its files when it is on for the first time: only they tell of an earlier one.
    if (QFileInfo(folder + "/node.secret"_L1).size() > 0 || QFileInfo::exists(folder + "/node.sqlite"_L1))
        add(look.newDatabase("node.sqlite"_L1));
    add(look.newSecret());
    return warnings;
}

} // namespace restante::app
