// SPDX-License-Identifier: GPL-3.0-or-later
// By a desktop file in the autostart folder of the user (Desktop Application Autostart Specification).
#include "ui/settings/autostart.h"

#include "base/inputfile.h"
#include "base/wholefile.h"
#include "settings/options.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QStandardPaths>

namespace restante::ui
{

namespace
{
constexpr qint64 MostBytes = 64 * 1024;

/// One argument of an Exec line: quoted, its percent signs doubled, and then as any value of a desktop file.
QString argument(const QString &text)
{
    QString quoted;
    for (const QChar c : text) {
        if (QStringLiteral("\"`$\\").contains(c))
            quoted += u'\\';
        quoted += c;
    }
    quoted.replace(u'%', QStringLiteral("%%"));
    quoted.replace(u'\\', QStringLiteral("\\\\"));
    return u'"' + quoted + u'"';
}

class XdgAutostart final : public Autostart
{
public:
    explicit XdgAutostart(const QString &dataFolder)
        : m_file(QDir(QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation))
                     .filePath(QStringLiteral("autostart/org.restante.Restante.desktop")))
        , m_command(argument(QCoreApplication::applicationFilePath()) + QStringLiteral(" --hidden"))
    {
        if (QDir(dataFolder) != QDir(settings::Options::defaultDataFolder()))
            m_command += QStringLiteral(" --data-dir ") + argument(QDir(dataFolder).absolutePath());
    }

    bool isPossible() const override { return true; }

    State state() const override
    {
        const Entry entry = read();
        State state;
        state.isSwitchedOff = entry.isThere && !entry.isOn;
        state.isOn = entry.isThere && entry.isOn;
        if (state.isOn && entry.command != m_command)
            state.otherCommand = entry.command;
        return state;
    }

    Result<void> setOn(bool on) override
    {
        if (on == state().isOn)
            return {};
        if (!on) {
            QFile file(m_file);
            if (file.remove())
                return {};
            return {Errc::Io, QStringLiteral("%1: %2").arg(m_file, file.errorString())};
        }
        const QString folder = QFileInfo(m_file).absolutePath();
        if (!QDir().mkpath(folder))
            return {Errc::Io, QStringLiteral("The folder %1 cannot be made").arg(folder)};
        const QString text = QStringLiteral("[Desktop Entry]\nType=Application\nVersion=1.4\nName=Restante\n"
                                            "Icon=org.restante.Restante\nTerminal=false\nExec=%1\n")
                                 .arg(m_command);
        return base::WholeFile::write(m_file, text.toUtf8());
    }

private:
    struct Entry {
        bool isThere = false;
        bool isOn = true;
        QString command = {};
    };

    /// A file that cannot be read starts nothing that is known of: as if it were switched off.
    Entry read() const
    {
        Entry entry;
        entry.isThere = QFileInfo::exists(m_file) || QFileInfo(m_file).isSymLink();
        QFile file(m_file);
        if (!entry.isThere || !base::openToRead(file)) {
            entry.isOn = false;
            return entry;
        }
        bool inGroup = false;
        const auto lines = QString::fromUtf8(file.read(MostBytes)).split(u'\n');
        for (const QString &line : lines) {
            const QString key = line.section(u'=', 0, 0).trimmed();
            const QString value = line.section(u'=', 1).trimmed();
            if (line.startsWith(u'['))
                inGroup = line.trimmed() == QLatin1String("[Desktop Entry]");
            else if (!inGroup)
                continue;
            else if (key == QLatin1String("Exec"))
                entry.command = value;
            else if (key == QLatin1String("Hidden") && value == QLatin1String("true"))
                entry.isOn = false;
            else if (key == QLatin1String("X-GNOME-Autostart-enabled") && value == QLatin1String("false"))
                entry.isOn = false;
        }
        entry.isOn = entry.isOn && !entry.command.isEmpty();
        return entry;
    }

    const QString m_file;
    QString m_command;
};
} // namespace

std::unique_ptr<Autostart> sessionAutostart(const QString &dataFolder)
{
    return std::make_unique<XdgAutostart>(dataFolder);
}

} // namespace restante::ui
