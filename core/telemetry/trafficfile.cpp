// SPDX-License-Identifier: GPL-3.0-or-later
#include "telemetry/trafficfile.h"

#include "base/inputfile.h"
#include "base/wholefile.h"

#include <QtCore/QFile>
#include <QtCore/QFileInfo>

using namespace Qt::Literals::StringLiterals;

namespace restante::telemetry
{

namespace
{
constexpr qint64 MostBytes = 64 * 1024; // several times what a history takes

Result<TrafficHistory> readHistory(const QString &path)
{
    QFile file(path);
    if (auto opened = base::openToRead(file); !opened)
        return opened.error();
    const QByteArray json = file.read(MostBytes + 1);
    if (file.error() != QFileDevice::NoError)
        return {Errc::Io, file.errorString()};
    if (json.size() > MostBytes)
        return {Errc::Corrupt, u"It is too large"_s};
    return TrafficHistory::parse(json);
}
} // namespace

TrafficFile::TrafficFile(const QString &folder)
    : m_folder(folder)
    , m_path(folder + "/traffic.json"_L1)
{
}

TrafficFile::Loaded TrafficFile::load() const
{
    if (!QFileInfo::exists(m_path) && !QFileInfo(m_path).isSymLink())
        return {};
    auto history = readHistory(m_path);
    if (history)
        return {*std::move(history), {}};
    const QString aside = m_path + ".damaged"_L1;
    QFile::remove(aside); // of an earlier time
    const bool moved = QFile::rename(m_path, aside);
    return {{},
            u"The counts of the traffic in %1 cannot be used (%2), so they begin anew; no mail is concerned. %3"_s.arg(
                m_path, history.error().detail,
                moved ? u"The file is kept as %1"_s.arg(aside) : u"The file could not be renamed"_s)};
}

Result<void> TrafficFile::save(const QByteArray &json)
{
    if (!m_folder.isInPlace())
        return base::fileError(m_path, "written"_L1, u"the data folder was moved or replaced"_s);
    return base::WholeFile::write(m_path, json);
}

} // namespace restante::telemetry
