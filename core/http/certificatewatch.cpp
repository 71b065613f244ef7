// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/certificatewatch.h"

#include "http/httplog.h"

#include <QtCore/QDateTime>
#include <QtCore/QFileInfo>
#include <QtCore/QSet>
#include <QtNetwork/QSslCertificate>
#include <QtNetwork/QSslKey>

#include <algorithm>

namespace restante::http
{

namespace
{

using namespace Qt::Literals::StringLiterals;

/// What tells one state of a file from another without reading it; the time of a change of rights counts, too.
QString looksOf(const QString &path)
{
    const QFileInfo file(path);
    return u"%1 %2 %3"_s.arg(file.canonicalFilePath(), QString::number(file.size()),
                             QString::number(file.metadataChangeTime().toMSecsSinceEpoch()));
}

/// The file, the folder that its name is in and the one above, where another may take its place, and where links lead:
/// each link on the way may be set anew, a folder's too.
QStringList placesOf(const QString &path)
{
    constexpr int mostLinks = 16;
    QStringList places;
    QString at = QFileInfo(path).absoluteFilePath();
    for (int links = 0; links < mostLinks; ++links) {
        const QFileInfo file(at);
        places << at << file.absolutePath() << QFileInfo(file.absolutePath()).absolutePath();
        for (QFileInfo above(file.absolutePath()); !above.isRoot(); above.setFile(above.absolutePath())) {
            if (above.isSymbolicLink())
                places << above.absolutePath();
        }
        if (!file.isSymbolicLink())
            break;
        at = file.symLinkTarget();
    }
    const QFileInfo end(path);
    if (end.exists())
        places << end.canonicalFilePath() << end.canonicalPath();
    return places;
}

qint64 endOf(const QSslConfiguration &tls)
{
    qint64 end = std::numeric_limits<qint64>::max();
    for (const QSslCertificate &certificate : tls.localCertificateChain())
        end = std::min(end, certificate.expiryDate().toMSecsSinceEpoch());
    return end;
}

qint64 beginningOf(const QSslConfiguration &tls)
{
    return tls.localCertificate().effectiveDate().toMSecsSinceEpoch();
}

CertificateWatch::Validity validityOf(const QSslConfiguration &tls, qint64 nowMs)
{
    const qint64 end = endOf(tls);
    if (nowMs >= end || nowMs < beginningOf(tls))
        return CertificateWatch::Validity::NotNow;
    return end - nowMs <= CertificateWatch::WarnMs ? CertificateWatch::Validity::EndsSoon
                                                   : CertificateWatch::Validity::Good;
}

QString day(qint64 ms)
{
    return QDateTime::fromMSecsSinceEpoch(ms).toString(u"yyyy-MM-dd hh:mm");
}

} // namespace

CertificateWatch::CertificateWatch(TlsFiles files, std::optional<QSslConfiguration> inUse, const base::Clock &clock,
                                   QObject *parent)
    : QObject(parent)
    , m_files(std::move(files))
    , m_clock(clock)
    , m_inUse(std::move(inUse))
{
    m_settle.setSingleShot(true);
    m_settle.setInterval(SettleMs);
    m_round.setInterval(RoundMs);
    m_round.setTimerType(Qt::VeryCoarseTimer);
    m_round.start();
    connect(&m_settle, &QTimer::timeout, this, &CertificateWatch::look);
    connect(&m_round, &QTimer::timeout, this, &CertificateWatch::look);
    // Not at once, and not later and later while messages go on: once in a while.
    const auto soon = [this] {
        if (!m_settle.isActive())
            m_settle.start();
    };
    connect(&m_watcher, &QFileSystemWatcher::fileChanged, this, soon);
    connect(&m_watcher, &QFileSystemWatcher::directoryChanged, this, soon);
    if (m_inUse)
        follow();
    else
        look();
    tellValidity();
}

/// A file that was put in the place of another, or a folder that came only now, is not watched yet.
void CertificateWatch::follow()
{
    const QStringList places = placesOf(m_files.certificate) + placesOf(m_files.key);
    const QSet<QString> wanted(places.begin(), places.end());
    // All of them anew: a name may lead to another file by now, while the watcher still looks at the old one.
    if (const QStringList watched = m_watcher.files() + m_watcher.directories(); !watched.isEmpty())
        m_watcher.removePaths(watched);
    for (const QString &path : wanted) {
        if (QFileInfo::exists(path))
            m_watcher.addPath(path);
    }
}

void CertificateWatch::look()
{
    follow();
    readFiles();
    tellValidity();
}

void CertificateWatch::readFiles()
{
    const QString looks = looksOf(m_files.certificate) + u'\n' + looksOf(m_files.key);
    if (looks == m_seen)
        return;
    const auto loaded = loadTls(m_files);
    if (!loaded)
        return refuse(loaded.error());
    if (validityOf(*loaded, m_clock.wallMs()) == Validity::NotNow && validity() != Validity::NotNow)
        return refuse({Errc::InvalidSetting,
                       u"%1 is valid from %2 to %3 only"_s.arg(m_files.certificate, day(beginningOf(*loaded)),
                                                               day(endOf(*loaded))),
                       0});
    m_seen = looks;
    m_tries = 0;
    const bool same = m_inUse && loaded->localCertificateChain() == m_inUse->localCertificateChain() &&
                      loaded->privateKey() == m_inUse->privateKey();
    const bool wasRefused = m_refused.has_value();
    m_refused.reset();
    if (!same)
        take(*loaded);
    else if (wasRefused)
        Q_EMIT changed();
}

void CertificateWatch::take(const QSslConfiguration &tls)
{
    m_inUse = tls;
    m_told = Validity::Good;
    qCInfo(lcHttp).noquote() << u"The certificate in %1 is a new one, valid until %2: it is used from now on"_s.arg(
        m_files.certificate, day(endOf(tls)));
    Q_EMIT renewed(tls);
    Q_EMIT changed();
}

void CertificateWatch::refuse(const Error &error)
{
    m_seen.clear();
    if (!m_refused && ++m_tries < MostTries) { // half of it may be there
        m_settle.start();
        return;
    }
    if (m_refused && m_refused->detail == error.detail)
        return;
    m_tries = 0;
    m_refused = error;
    qCWarning(lcHttp).noquote() << (m_inUse ? u"What is now in the certificate's files cannot be used, the "
                                              "certificate from before stays: %1"_s
                                            : u"A certificate cannot be used: %1"_s)
                                       .arg(error.detail);
    Q_EMIT changed();
}

CertificateWatch::Validity CertificateWatch::validity() const
{
    return m_inUse ? validityOf(*m_inUse, m_clock.wallMs()) : Validity::Good;
}

QString CertificateWatch::validityText() const
{
    switch (validity()) {
    case Validity::Good:
        break;
    case Validity::EndsSoon:
        return u"The certificate in %1 is valid only until %2"_s.arg(m_files.certificate, day(endOf(*m_inUse)));
    case Validity::NotNow:
        if (m_clock.wallMs() >= endOf(*m_inUse))
            return u"The certificate in %1 expired on %2"_s.arg(m_files.certificate, day(endOf(*m_inUse)));
        return u"The certificate in %1 is not valid before %2"_s.arg(m_files.certificate, day(beginningOf(*m_inUse)));
    }
    return {};
}

void CertificateWatch::tellValidity()
{
    const Validity now = validity();
    if (now == m_told)
        return;
    m_told = now;
    if (now != Validity::Good)
        qCWarning(lcHttp).noquote() << validityText();
    Q_EMIT changed();
}

} // namespace restante::http
