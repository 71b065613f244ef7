// SPDX-License-Identifier: GPL-3.0-or-later
#include "doorcertificates.h"

#include <algorithm>

using namespace Qt::Literals::StringLiterals;

namespace restante::app
{

namespace
{
http::TlsFiles filesOf(const settings::ServedEntry &entry)
{
    return {entry.tlsCertificate, entry.tlsKey};
}

bool hasOwn(const settings::ServedEntry &entry)
{
    return !entry.front.isNull() && !entry.tlsCertificate.isEmpty();
}

QString named(const settings::ServedEntry &entry, const QString &trouble)
{
    return u"The front door of %1: %2"_s.arg(entry.name.toString(), trouble);
}
} // namespace

struct DoorCertificates::Door {
    settings::ServedEntry entry;
    std::unique_ptr<http::CertificateWatch> watch;
};

DoorCertificates::DoorCertificates(const base::Clock &clock, QObject *parent)
    : QObject(parent)
    , m_clock(clock)
{
}

DoorCertificates::~DoorCertificates() = default;

Result<void> DoorCertificates::check(const settings::Settings &edited, const settings::Settings &now)
{
    for (const settings::ServedEntry &entry : edited.served) {
        if (!hasOwn(entry) || now.served.contains(entry))
            continue;
        if (const auto loaded = http::loadTls(filesOf(entry)); !loaded)
            return {loaded.error().code, named(entry, loaded.error().detail)};
    }
    return {};
}

void DoorCertificates::setServed(const QList<settings::ServedEntry> &served)
{
    std::vector<Door> doors;
    bool isOther = false;
    for (const settings::ServedEntry &entry : served) {
        if (!hasOwn(entry))
            continue;
        const auto before =
            std::find_if(m_doors.begin(), m_doors.end(), [&entry](const Door &each) { return each.entry == entry; });
        if (before != m_doors.end()) {
            doors.push_back(std::move(*before));
            m_doors.erase(before);
            continue;
        }
        isOther = true;
        doors.push_back({entry, std::make_unique<http::CertificateWatch>(filesOf(entry), std::nullopt, m_clock)});
        connect(doors.back().watch.get(), &http::CertificateWatch::changed, this, &DoorCertificates::changed);
    }
    isOther = isOther || !m_doors.empty(); // some are left that are no more
    m_doors = std::move(doors);
    if (isOther)
        Q_EMIT changed();
}

http::HostCertificates DoorCertificates::certificates() const
{
    http::HostCertificates found;
    for (const Door &door : m_doors) {
        const auto &tls = door.watch->inUse();
        if (!tls)
            continue;
        for (const matrix::ServerName &name : {door.entry.front, door.entry.name})
            found.insert(name.host().toByteArray().toLower(), *tls);
    }
    return found;
}

QStringList DoorCertificates::troubles() const
{
    QStringList found;
    for (const Door &door : m_doors) {
        if (const auto &refused = door.watch->refused())
            found.append(named(door.entry, refused->detail));
        else if (const QString text = door.watch->validityText(); !text.isEmpty())
            found.append(named(door.entry, text));
    }
    return found;
}

} // namespace restante::app
