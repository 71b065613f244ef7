// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings/relayurl.h"

#include "settings/listenaddress.h"

#include <QtCore/QUrl>

namespace restante::settings
{

MaybeComplaint parse(const QString &text, RelayUrl &out)
{
    out = {};
    if (text.isEmpty())
        return {};
    const QUrl url(text, QUrl::StrictMode);
    if (!url.isValid() || url.host().isEmpty() ||
        (url.scheme() != QLatin1String("https") && url.scheme() != QLatin1String("http")))
        return Complaint{ComplaintCode::NotAUrl, {text}};
    const QString written = QUrl::fromAce(url.host(QUrl::EncodeUnicode).toLatin1(), QUrl::IgnoreIDNWhitelist);
    // 127.1 and the like: QUrl reads more than stands there
    if (!text.contains(url.host(), Qt::CaseInsensitive) && !text.contains(written, Qt::CaseInsensitive))
        return Complaint{ComplaintCode::OddUrl, {text}};
    if (!url.userInfo().isEmpty() || url.hasQuery() || url.hasFragment() || url.path().size() > 1)
        return Complaint{ComplaintCode::MoreThanUrl, {text}};
    out.m_text = text;
    out.m_place = url.adjusted(QUrl::RemovePath).toEncoded();
    const auto address = parseAddress(url.host());
    out.m_loopback = address && address->isLoopback();
    return {};
}

} // namespace restante::settings
