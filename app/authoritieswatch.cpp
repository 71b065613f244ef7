// SPDX-License-Identifier: GPL-3.0-or-later
#include "authoritieswatch.h"

#include "settings/files.h"
#include "telemetry/logging.h"

#include <QtCore/QDateTime>
#include <QtCore/QFileInfo>

#include <utility>

namespace restante::app
{

AuthoritiesWatch::AuthoritiesWatch(QString caFile, std::function<void()> noticed)
    : m_caFile(std::move(caFile))
    , m_note(std::move(noticed))
{
    m_timer.setTimerType(Qt::VeryCoarseTimer);
    connect(&m_timer, &QTimer::timeout, this, &AuthoritiesWatch::look);
    if (!m_caFile.isEmpty())
        m_timer.start(RoundMs);
}

void AuthoritiesWatch::look()
{
    const QFileInfo info(m_caFile);
    const auto looks = std::tuple(info.size(), info.metadataChangeTime().toMSecsSinceEpoch());
    if (m_trouble.isEmpty() && !m_note.isUnreadable() && looks == m_looks) // nothing to be read again
        return;
    m_looks = looks;
    settings::Settings used;
    used.caFile = m_caFile;
    const auto wrong = settings::checkFiles(used, {QStringLiteral("federation.ca_file")});
    if (m_fileTrouble && !wrong)
        m_note.forget(); // it was that, and the next transfer shows whether something else is wrong, too
    m_fileTrouble = wrong.has_value();
    QString trouble;
    if (wrong)
        trouble = QStringLiteral("No certificate of another server can be checked: ") + settings::sentence(*wrong);
    else if (m_note.isUnreadable())
        trouble = QStringLiteral("No certificate of another server could be checked the last time: the file with "
                                 "certificate authorities could not be read (federation.ca_file, or the system's, "
                                 "package ca-certificates)");
    if (trouble == m_trouble)
        return;
    if (trouble.isEmpty())
        qCInfo(lcApp).noquote() << "Certificates of other servers can be checked again";
    else
        qCWarning(lcApp).noquote() << trouble;
    if (!m_caFile.isEmpty())
        m_timer.start(trouble.isEmpty() ? RoundMs : TroubledMs);
    m_trouble = trouble;
    Q_EMIT changed();
}

} // namespace restante::app
