// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/salvage.h"

#include "base/diskwatch.h"
#include "node/salvagecopy.h"

#include <QtCore/QStringList>

#include <utility>

namespace restante::node
{

QString Salvaged::words() const
{
    QStringList parts{QStringLiteral("entries of the inbox that were read: %1").arg(entries)};
    if (damaged > 0)
        parts << QStringLiteral("listed as damaged: %1").arg(damaged);
    if (lost > 0)
        parts << QStringLiteral("lost: %1").arg(lost);
    if (!handledWhole)
        parts << QStringLiteral("some of what was taken out before may come again");
    if (!destinationsWhole)
        parts << QStringLiteral("how some servers were doing is forgotten");
    return parts.join(QStringLiteral(", "));
}

Salvage::Salvage(const QString &folder)
    : m_folder(folder)
    , m_rewrite(folder + QStringLiteral("/node.sqlite"))
{
}

Result<Salvaged> Salvage::write(const QByteArray &contentKey, qint64 stampMs) const
{
    Salvaged salvaged;
    const auto fill = [&](base::Database &from, base::Database &to) -> Result<void> {
        auto copied = SalvageCopy(from, to, stampMs).run(contentKey);
        if (!copied)
            return copied.error();
        salvaged = *std::move(copied);
        return {};
    };
    auto written = m_rewrite.write(QLatin1String("node"),
                                   {QStringLiteral("meta"), QStringLiteral("inbox"), QStringLiteral("handled")},
                                   base::DiskWatch::freeBytesOf(m_folder), fill);
    if (!written)
        return written.error();
    return salvaged;
}

} // namespace restante::node
