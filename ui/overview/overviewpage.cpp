// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/overview/overviewpage.h"

#include "ui/overview/cardpanel.h"
#include "ui/overview/friendrow.h"
#include "ui/overview/legend.h"
#include "ui/overview/tile.h"
#include "ui/widgets/elidedlabel.h"
#include "ui/widgets/format.h"
#include "ui/widgets/holding.h"
#include "ui/widgets/stateindicator.h"
#include "ui/widgets/tones.h"

#include <QtCore/QSettings>
#include <QtWidgets/QButtonGroup>
#include <QtWidgets/QGridLayout>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QScrollArea>
#include <QtWidgets/QVBoxLayout>

#include <algorithm>

namespace restante::ui
{

using telemetry::TrafficSpan;

namespace
{
constexpr qsizetype MostFriends = 8; // all of them have a page of their own

QString heldText(const queue::DestinationTotal &total)
{
    if (total.entries == 0)
        return OverviewPage::tr("nothing held");
    //: A number of pieces of mail and their size
    return OverviewPage::tr("%1 held · %2").arg(countText(total.entries), sizeText(total.bytes));
}
} // namespace

OverviewPage::OverviewPage(control::Operations &operations, const base::Clock &clock, QWidget *parent)
    : Page(parent)
    , m_operations(operations)
    , m_clock(clock)
    , m_chart(new TrafficChart)
    , m_trafficTitle(new ElidedLabel)
    , m_legend(new Legend)
    , m_spans(new QButtonGroup(this))
    , m_card(new CardPanel(operations))
    , m_friends(new CardFrame)
    , m_friendRows(new QVBoxLayout)
    , m_noFriends(new DimLabel)
    , m_allFriends(new QPushButton(tr("All &friends")))
{
    build();
    const auto lookedAt = [this](auto action) {
        return [this, action] {
            if (m_watching)
                action();
        };
    };
    connect(&m_operations, &control::Operations::totalsChanged, this, [this](const queue::Totals &totals) {
        if (!m_watching)
            return;
        takeTotals(totals);
        fetchTraffic();
    });
    connect(&m_operations, &control::Operations::statusChanged, this, [this] {
        if (m_watching)
            updateStatus();
        else
            Q_EMIT badgeChanged();
    });
    connect(&m_operations, &control::Operations::inboxChanged, this, lookedAt([this] { fetchTraffic(); }));
    connect(&m_operations, &control::Operations::settingsChanged, this, lookedAt([this] { refresh(); }));
    connect(m_spans, &QButtonGroup::idClicked, this, [this] { fetchTraffic(); });
    connect(m_card, &CardPanel::cardWanted, this,
            [this] { Q_EMIT remedyWanted(holdsMail(m_status) ? Remedy::RelayCard : Remedy::FriendCard); });
    connect(m_allFriends, &QPushButton::clicked, this, [this] { Q_EMIT queueWanted({}); });
}

void OverviewPage::build()
{
    auto *contents = new QWidget;
    auto *layout = new QVBoxLayout(contents);
    layout->setContentsMargins(0, 0, space::Tight, 0); // the scroll bar may stand beside it
    layout->setSpacing(space::Apart);
    auto *tiles = new QHBoxLayout;
    tiles->setSpacing(space::Apart);
    for (size_t i = 0; i < m_tiles.size(); ++i) {
        m_tiles.at(i) = new Tile(QStringLiteral("tile%1").arg(i));
        tiles->addWidget(m_tiles.at(i), 1);
    }
    auto *middle = new QHBoxLayout;
    middle->setSpacing(space::Apart);
    middle->addWidget(buildTraffic(), 1);
    m_card->setFixedWidth(fontMetrics().averageCharWidth() * 36);
    middle->addWidget(m_card);
    layout->addLayout(tiles);
    layout->addLayout(middle, 1);
    layout->addWidget(buildFriends());

    auto *area = new QScrollArea;
    area->setObjectName(QStringLiteral("overviewArea"));
    area->setFrameShape(QFrame::NoFrame);
    area->setFocusPolicy(Qt::NoFocus);
    area->setWidgetResizable(true);
    area->setWidget(contents);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(area);
}

QWidget *OverviewPage::buildTraffic()
{
    m_chart->setObjectName(QStringLiteral("chart"));
    m_trafficTitle->setObjectName(QStringLiteral("trafficTitle"));
    m_trafficTitle->setText(tr("Mail that came and went"));
    makeHeading(*m_trafficTitle, 1.1);
    auto *frame = new CardFrame;
    auto *head = new QHBoxLayout;
    head->setSpacing(space::Tight);
    head->addWidget(m_trafficTitle, 1);
    const auto add = [this, head](TrafficSpan span, const QString &name, const QString &text) {
        auto *button = new QPushButton(text);
        button->setObjectName(name);
        button->setCheckable(true);
        // Only the chosen one has a frame, also where a style hardly tells what is pressed; Tab reaches it, arrows the
        // others.
        connect(button, &QPushButton::toggled, button, [button](bool chosen) {
            button->setFlat(!chosen);
            button->setFocusPolicy(chosen ? Qt::StrongFocus : Qt::ClickFocus);
        });
        button->setFlat(true);
        button->setFocusPolicy(Qt::ClickFocus);
        m_spans->addButton(button, int(span));
        head->addWidget(button);
    };
    add(TrafficSpan::Hour, QStringLiteral("spanHour"), tr("&1 hour"));
    add(TrafficSpan::Day, QStringLiteral("spanDay"), tr("&24 hours"));
    add(TrafficSpan::Month, QStringLiteral("spanMonth"), tr("&30 days"));
    m_spans->button(int(TrafficSpan::Day))->setChecked(true);
    auto *layout = new QVBoxLayout(frame);
    layout->setContentsMargins(space::Edge, space::Apart, space::Edge, space::Apart);
    layout->setSpacing(space::Near);
    layout->addLayout(head);
    layout->addWidget(m_legend);
    layout->addWidget(m_chart, 1);
    return frame;
}

QWidget *OverviewPage::buildFriends()
{
    m_friends->setObjectName(QStringLiteral("friends"));
    m_allFriends->setObjectName(QStringLiteral("allFriends"));
    m_noFriends->setObjectName(QStringLiteral("noFriends"));
    m_noFriends->setWordWrap(true);
    auto *title = new QLabel(tr("Friends"));
    makeHeading(*title, 1.1);
    title->setContentsMargins(space::Near, 0, space::Near, 0);
    m_noFriends->setContentsMargins(space::Near, 0, space::Near, 0);
    auto *head = new QHBoxLayout;
    head->addWidget(title);
    head->addStretch(1);
    head->addWidget(m_allFriends);
    m_friendRows->setSpacing(0);
    auto *layout = new QVBoxLayout(m_friends);
    layout->setContentsMargins(space::Near, space::Apart, space::Near, space::Apart);
    layout->setSpacing(space::Tight);
    layout->addLayout(head);
    layout->addWidget(m_noFriends);
    layout->addLayout(m_friendRows);
    return m_friends;
}

QString OverviewPage::badge() const
{
    const auto state = m_operations.status().state;
    return state == control::ApplianceStatus::State::Running ? QString() : stateText(state);
}

void OverviewPage::setWatching(bool watching)
{
    m_watching = watching;
    if (watching)
        refresh();
}

void OverviewPage::refresh()
{
    updateStatus();
    fetchTotals();
    fetchTraffic();
}

void OverviewPage::tick()
{
    updateFriends(); // relative times
    fetchTraffic();
}

void OverviewPage::fetchTotals()
{
    m_operations.fetchTotals(this, [this](const Result<queue::Totals> &totals) {
        if (totals && m_watching) // that they cannot be read is among the warnings
            takeTotals(*totals);
    });
}

void OverviewPage::fetchTraffic()
{
    const auto span = TrafficSpan(m_spans->checkedId());
    m_operations.fetchTraffic(span, this, [this, span](const Result<telemetry::TrafficReport> &report) {
        if (report && m_watching && span == TrafficSpan(m_spans->checkedId()))
            takeTraffic(*report);
    });
}

void OverviewPage::takeTraffic(const telemetry::TrafficReport &report)
{
    m_reported = true;
    m_report = report;
    m_chart->setReport(report, kind());
    updateTiles();
}

void OverviewPage::takeTotals(const queue::Totals &totals)
{
    m_totals = totals;
    updateFriends();
    updateStatus();
}

TrafficChart::Kind OverviewPage::kind() const
{
    return holdsMail(m_status) ? TrafficChart::Kind::Holding : TrafficChart::Kind::Collecting;
}

/// By what the program knows at once.
void OverviewPage::updateStatus()
{
    m_status = m_operations.status();
    if (m_reported)
        m_chart->setReport(m_report, kind());
    else
        m_chart->setReport({}, kind());
    m_legend->setNames(m_chart->firstName(), m_chart->secondName());
    m_card->showCard(holdsMail(m_status));
    updateTiles();
    updateFriends();
    Q_EMIT badgeChanged();
}

void OverviewPage::updateTiles()
{
    const auto settings = m_operations.settings();
    const auto today = [this](qint64 telemetry::Traffic::*number, Line icon, const QString &title) {
        //: A number of pieces of mail
        const QString before = tr("yesterday %1").arg(countText(m_report.yesterday.*number));
        return Tile::Contents{icon, title, m_reported ? countText(m_report.today.*number) : QString(),
                              m_reported ? before : QString()};
    };
    if (holdsMail(m_status)) {
        //: A size, and how much it may be
        const QString room = tr("%1 of %2").arg(sizeText(m_status.heldBytes), sizeText(settings.totalBytes));
        m_tiles[0]->setContents({Line::Queues, tr("Held now"), countText(m_status.heldEntries), room,
                                 tr("%1 of the room for mail is taken").arg(percentText(m_status.fillPercent))});
        m_tiles[1]->setContents(today(&telemetry::Traffic::takenIn, Line::Inbox, tr("Taken in today")));
        m_tiles[2]->setContents(today(&telemetry::Traffic::handedOver, Line::Outbox, tr("Handed over today")));
        auto refused = today(&telemetry::Traffic::refused, Line::Refused, tr("Refused today"));
        refused.tip = tr("Attempts to leave mail that were refused: for nobody that is served here, without a good "
                         "signature, too often, or because there was no room. Senders try again, so one piece of mail "
                         "may count more than once.");
        m_tiles[3]->setContents(refused);
        return;
    }
    m_tiles[0]->setContents(
        {Line::Inbox, tr("In the inbox"), countText(m_status.inboxEntries), sizeText(m_status.inboxBytes)});
    m_tiles[1]->setContents(today(&telemetry::Traffic::collected, Line::Queues, tr("Collected today")));
    m_tiles[2]->setContents(today(&telemetry::Traffic::delivered, Line::Outbox, tr("Delivered today")));
    const QString failing = m_status.failingRelays > 0 ? tr("%Ln could not be asked", nullptr, m_status.failingRelays)
                                                       : tr("hold mail for you");
    m_tiles[3]->setContents({Line::Relays, tr("Relays"), countText(m_status.myRelays), failing});
}

/// In the order of the settings; if there are too many for this page, the fullest mailboxes.
void OverviewPage::updateFriends()
{
    const auto settings = m_operations.settings();
    m_friends->setVisible(holdsMail(m_status));
    QList<queue::DestinationTotal> shown;
    QHash<matrix::ServerName, qsizetype> places;
    for (qsizetype i = 0; i < m_totals.destinations.size(); ++i)
        places.insert(m_totals.destinations.at(i).destination, i);
    for (const auto &served : settings.served) {
        const auto place = places.constFind(served.name);
        queue::DestinationTotal total;
        total.destination = served.name;
        shown.append(place == places.constEnd() ? total : m_totals.destinations.at(*place));
    }
    m_allFriends->setVisible(shown.size() > MostFriends);
    if (shown.size() > MostFriends) {
        std::stable_sort(shown.begin(), shown.end(), [](const auto &a, const auto &b) {
            return std::pair(a.fillPercent, a.entries) > std::pair(b.fillPercent, b.entries);
        });
        shown.resize(MostFriends);
    }
    m_noFriends->setVisible(shown.isEmpty());
    m_noFriends->setText(settings.relayOpen
                             ? tr("No friend has been added; mail is held for everyone.")
                             : tr("No friend has been added yet. While a friend's server is offline, mail for them is "
                                  "held here until they collect it."));
    while (m_rows.size() > shown.size())
        delete m_rows.takeLast();
    while (m_rows.size() < shown.size()) {
        auto *row = new FriendRow;
        row->setObjectName(QStringLiteral("friend"));
        m_friendRows->addWidget(row);
        connect(row, &FriendRow::clicked, this, [this, row] { Q_EMIT queueWanted(row->contents().server); });
        m_rows.append(row);
    }
    const PetNames names(settings);
    for (qsizetype i = 0; i < shown.size(); ++i) {
        const auto &total = shown.at(i);
        const QString server = total.destination.toString();
        const QString collected = total.lastCollectedMs == 0
                                      ? tr("never collected yet")
                                      : tr("collected %1").arg(relativeTime(total.lastCollectedMs, m_clock.wallMs()));
        QString tip = server;
        if (total.lastCollectedMs != 0)
            tip += u'\n' + tr("Collected last: %1").arg(exactTime(total.lastCollectedMs));
        tip += u'\n' + tr("%1 of the mailbox is full").arg(percentText(total.fillPercent));
        m_rows.at(i)->setContents(
            {server, names.petname(server), shortName(server), heldText(total), collected, tip, total.fillPercent});
    }
}

void OverviewPage::saveState(QSettings &state) const
{
    state.setValue(QStringLiteral("span"), m_spans->checkedId());
}

void OverviewPage::restoreState(const QSettings &state)
{
    if (auto *button = m_spans->button(state.value(QStringLiteral("span"), int(TrafficSpan::Day)).toInt()))
        button->setChecked(true);
}

} // namespace restante::ui
