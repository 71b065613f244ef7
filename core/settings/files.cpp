// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings/files.h"

#include "base/inputfile.h"

#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtNetwork/QSslCertificate>

#include <array>

using namespace Qt::Literals::StringLiterals;

namespace restante::settings
{

namespace
{
struct FileSetting {
    QLatin1String key;
    QString Settings::*member;
    QByteArrayView holds;  ///< what stands in the line that begins a block of it
    ComplaintCode without; ///< it holds none
    bool eachCounts;       ///< with one damaged block libcurl reads nothing of it
};
constexpr std::array<FileSetting, 3> FileSettings{
    {{"server.tls_certificate"_L1, &Settings::tlsCertificate, "CERTIFICATE-----", ComplaintCode::NoCertificate, false},
     {"server.tls_key"_L1, &Settings::tlsKey, "PRIVATE KEY-----", ComplaintCode::NoPrivateKey, false},
     {"federation.ca_file"_L1, &Settings::caFile, "CERTIFICATE-----", ComplaintCode::NoCertificate, true}}};
constexpr qint64 MostAuthorityBytes = qint64(16) << 20; ///< all authorities of a system together have less than one

/// Nothing if the file is fine.
MaybeComplaint problemOf(const QString &name, const FileSetting &setting)
{

    QFile file(name);
    const QFileInfo info(name);
    if (!info.exists())
        return Complaint{ComplaintCode::NoFile, {name}};
    if (const auto opened = base::openToRead(file); !opened)
        return Complaint{ComplaintCode::UnreadableFile, {name, opened.error().detail}};
    const QByteArray text = file.read(MostAuthorityBytes);
    if (const qsizetype whole = text.count("-----BEGIN CERTIFICATE-----");
        setting.eachCounts && whole > 0 && QSslCertificate::fromData(text).size() != whole)
        return Complaint{ComplaintCode::DamagedCertificate, {name}};
    for (qsizetype at = text.indexOf("-----BEGIN "); at >= 0; at = text.indexOf("-----BEGIN ", at + 1)) {
        const qsizetype end = text.indexOf('\n', at);
        if (text.mid(at, end < 0 ? -1 : end - at).contains(setting.holds))
            return {};
    }
    return Complaint{setting.without, {name}};
}
} // namespace

MaybeComplaint checkFiles(const Settings &settings, const QStringList &keys)
{
    for (const FileSetting &setting : FileSettings) {
        const QString &name = settings.*setting.member;
        if (name.isEmpty() || (!keys.isEmpty() && !keys.contains(setting.key)))
            continue;
        if (const auto problem = problemOf(name, setting))
            return problem->about(setting.key);
    }
    return {};
}

} // namespace restante::settings
