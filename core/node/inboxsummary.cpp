// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/inboxsummary.h"

namespace restante::node
{

namespace
{
constexpr int MostEvents = 8;
}

QString summaryText(const QByteArray &pdus, const QByteArray &edus)
{
    QStringList lines;
    for (const matrix::EventSummary &event : matrix::summarise(pdus, edus, MostEvents)) {
        QStringList fields{event.edu ? QStringLiteral("e") : QStringLiteral("p"), event.type, event.sender,
                           event.roomId};
        for (QString &field : fields)
            field.replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
        lines.append(fields.join(QLatin1Char('\t')));
    }
    return lines.isEmpty() ? QStringLiteral("") : lines.join(QLatin1Char('\n')); // null would be NULL
}

std::vector<matrix::EventSummary> eventsIn(const QString &summary)
{
    std::vector<matrix::EventSummary> events;
    for (const QString &line : summary.split(QLatin1Char('\n'), Qt::SkipEmptyParts)) {
        const QStringList fields = line.split(QLatin1Char('\t'));
        events.push_back({fields.value(0) == QLatin1String("e"), fields.value(1), fields.value(2), fields.value(3)});
    }
    return events;
}

} // namespace restante::node
