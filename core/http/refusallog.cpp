// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/refusallog.h"

#include "http/errortable.h"

using namespace Qt::Literals::StringLiterals;

namespace restante::http
{

RefusalLog::RefusalLog(const base::Clock &clock, Category *category)
    : m_clock(clock)
    , m_category(category)
{
    m_end.setSingleShot(true);
    m_end.setTimerType(Qt::CoarseTimer);
    m_end.callOnTimeout([this] { tell(); });
}

RefusalLog::~RefusalLog()
{
    tell();
}

void RefusalLog::note(const QByteArray &what, const Error &error)
{
    write(u"Answered %1 %2 to %3: %4"_s.arg(QString::number(statusOf(error.code)),
                                            QString::fromLatin1(errcodeOf(error.code)), QString::fromUtf8(what),
                                            error.detail));
}

void RefusalLog::note(int status, QByteArrayView reason)
{
    write(u"Answered %1 to a request: %2"_s.arg(QString::number(status), QString::fromUtf8(reason)));
}

void RefusalLog::write(const QString &text)
{
    const qint64 now = m_clock.steadyMs();
    if (now - m_beganMs >= StretchMs)
        tell();
    if (m_kinds.isEmpty()) {
        m_beganMs = now;
        m_end.start(int(StretchMs));
    }
    if (const auto known = m_kinds.find(text); known != m_kinds.end()) {
        ++*known;
    } else if (m_kinds.size() < MostAtOnce) {
        m_kinds.insert(text, 0);
        qCInfo(m_category).noquote() << text;
    } else {
        ++m_others;
    }
}

void RefusalLog::tell()
{
    for (auto kind = m_kinds.cbegin(); kind != m_kinds.cend(); ++kind) {
        if (*kind > 0)
            qCInfo(m_category).noquote() << kind.key() << u"(%1 more times)"_s.arg(*kind);
    }
    if (m_others > 0)
        qCInfo(m_category).noquote() << u"Refused %1 more requests, of other names and kinds"_s.arg(m_others);
    m_kinds.clear();
    m_others = 0;
    m_end.stop();
}

} // namespace restante::http
