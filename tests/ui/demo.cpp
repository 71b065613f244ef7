// SPDX-License-Identifier: GPL-3.0-or-later
// Shows the window over made-up queues, to look at it and to measure it; see --help.
#include "fakeclock.h"
#include "fakeoperations.h"
#include "settingsvalues.h"
#include "ui/shell/mainwindow.h"
#include "ui/shell/translation.h"
#include "ui/shell/tray.h"
#include "ui/shell/trayhost.h"

#include <QtCore/QCommandLineParser>
#include <QtCore/QElapsedTimer>
#include <QtCore/QTextStream>
#include <QtCore/QTimer>
#include <QtGui/QPalette>
#include <QtWidgets/QApplication>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QListWidget>
#include <QtWidgets/QPlainTextEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QStackedWidget>
#include <QtWidgets/QStyleFactory>
#include <QtWidgets/QTreeView>

using namespace restante;
using namespace restante::test;

namespace
{
constexpr auto Anna = "3f2a71c04b9d8e6f5a7c1b2d3e4f60718293a4b5c6d7e8f9001122334455669c";

QPalette darkPalette()
{
    QPalette dark(QColor(45, 47, 52), QColor(45, 47, 52));
    dark.setColor(QPalette::Base, QColor(30, 31, 35));
    dark.setColor(QPalette::AlternateBase, QColor(37, 38, 43));
    dark.setColor(QPalette::ToolTipBase, QColor(66, 60, 40));
    dark.setColor(QPalette::ToolTipText, Qt::white);
    dark.setColor(QPalette::Highlight, QColor(42, 130, 218));
    dark.setColor(QPalette::PlaceholderText, QColor(150, 150, 150));
    return dark;
}

void fill(FakeOperations &operations)
{
    operations.currentSettings.served = {
        servedEntry(QString::fromLatin1(Anna), QStringLiteral("anna"), {QStringLiteral("matrix.town")}),
        servedEntry(QStringLiteral("home.example.org")),
        servedEntry(QStringLiteral("bertas-server.example.net"), QStringLiteral("berta"))};
    operations.hold(Anna, 61, QStringLiteral("matrix.town"), QStringLiteral("anna"));
    operations.hold(Anna, 36, QString(64, u'b'), QStringLiteral("work"));
    operations.hold(Anna, 700, QStringLiteral("a-rather-long-name-of-a-server.example.org"), QString());
    operations.hold("home.example.org", 31, QStringLiteral("matrix.town"), QStringLiteral("carl"));
    operations.doorStates = {{serverName("home.example.org"), false, {}, FakeClock().wallMs() - 7'200'000},
                             {serverName("bertas-server.example.net"), true, serverName("berta.example.net:8448"),
                              FakeClock().wallMs() - 600'000}};
    operations.invites = {{FakeClock().wallMs() - 180'000, serverName("matrix.town"), serverName("home.example.org"),
                           "@eve:matrix.town", "@carl:home.example.org", "!garden:matrix.town", 2},
                          {FakeClock().wallMs() - 7'300'000, serverName("far.example"), serverName("home.example.org"),
                           "@somebody:far.example", "@carl:home.example.org", "!aVeryLongRoomIdentifier:far.example",
                           1}};
    operations.currentStatus.lastContactMs = FakeClock().wallMs() - 125'000;
    operations.currentStatus.serverName = QString(64, u'e');
    operations.currentSettings.cardAddresses = QStringLiteral("https://relay.example.org:8449");
    operations.currentSettings.cardName = QStringLiteral("Carla");
    queue::HeldEntry large;
    large.pdus = "[" + QByteArray("{\"type\":\"m.room.message\",\"content\":{\"body\":\"x\"}},").repeated(200'000);
    large.pdus.chop(1);
    large.pdus += "]";
    large.edus = "[]";
    operations.bodies.insert(2, large);
}

/// Mail of a day with a night in it, and less of it in the last hour.
void fillTraffic(FakeOperations &operations)
{
    using telemetry::TrafficSpan;
    const qint64 now = FakeClock().wallMs();
    for (const auto &[span, bars, barMs] : {std::tuple(TrafficSpan::Hour, 60, 60'000),
                                            {TrafficSpan::Day, 24, 3'600'000},
                                            {TrafficSpan::Month, 30, 86'400'000}}) {
        telemetry::TrafficReport report{span, {}, {342, 214, 3, 118, 97}, {1'310, 1'296, 0, 240, 240}};
        for (int i = 0; i < bars; ++i) {
            const int busy = std::max(0, 9 - std::abs((i * 24 / bars + 4) % 24 - 12)) * 5;
            const int in = busy + i * 7 % 11 * (busy > 0 ? 1 : 0);
            report.buckets.append(telemetry::TrafficBucket{now - now % barMs - qint64(bars - 1 - i) * barMs,
                                                           {in, i % 5 == 0 ? 0 : in * (i % 3) / 2, 0, in / 3, in / 4}});
        }
        operations.traffic.insert(span, report);
    }
}

/// Mail in every state of its delivery among the oldest.
void deliverDemo(FakeOperations &operations)
{
    using enum node::Delivery::State;
    operations.currentStatus.delivers = true;
    operations.currentStatus.deliveries.delivered = 12'345;
    operations.currentStatus.deliveries.parked = 1;
    operations.currentStatus.deliveries.withoutProof = 1;
    int row = 0;
    for (const auto state : {Parked, NoProof, EventsOnly, NoKey, Sending, After, Busy, Failing, Stopped, Later}) {
        node::Delivery &delivery = operations.inbox[row++].delivery;
        delivery.state = state;
        if (state == Parked)
            delivery.reason = QStringLiteral("the homeserver answered 403, M_FORBIDDEN, You are not in this room");
        if (state == NoKey || state == Busy)
            delivery.nextMs = FakeClock().wallMs() + 600'000;
    }
    while (row < operations.inbox.size())
        operations.inbox[row++].delivery.state = Waiting;
    operations.currentStatus.homeserverSeenMs = FakeClock().wallMs() - 125'000;
    operations.currentSettings.homeserver = parsed<settings::HomeserverUrl>(QStringLiteral("http://127.0.0.1:8008"));
    operations.found.homeservers = {
        {homeserver::Software::Synapse, QStringLiteral("/etc/matrix-synapse/homeserver.yaml"),
         QStringLiteral("/etc/matrix-synapse/conf.d"), QStringLiteral("example.org"),
         QStringLiteral("/etc/matrix-synapse/homeserver.signing.key"), QStringLiteral("http://127.0.0.1:8008")}};
    operations.found.unreadable = {{QStringLiteral("/data/homeserver.yaml"), QStringLiteral("Permission denied")}};
    operations.trial = {homeserver::TrialReport::Outcome::Works,
                        {},
                        QStringLiteral("Synapse 1.160.0"),
                        QStringLiteral("example.org"),
                        QStringLiteral("example.org"),
                        {},
                        200,
                        {},
                        12};
    operations.access.secret = QString(64, u'5');
}

/// Two relays of ours, one of which fails, one of a contact; mail in the inbox; destinations in every state.
void fillNode(FakeOperations &operations)
{
    const qint64 now = FakeClock().wallMs();
    operations.becomeNode();
    operations.addRelay(QString::fromLatin1(Anna), {}, QStringLiteral("anna"));
    operations.addRelay(QStringLiteral("relay.example.org"));
    operations.addRelay(QStringLiteral("relay.example.org"), QStringLiteral("bertas-server.example.net"));
    node::RelayStatus good;
    good.state = node::RelayStatus::State::Good;
    good.lastSuccessMs = now - 70'000;
    good.collected = 1234;
    operations.relayStates.insert(QString::fromLatin1(Anna) + u' ', good);
    node::RelayStatus failing;
    failing.state = node::RelayStatus::State::Failing;
    failing.lastSuccessMs = now - qint64(26) * 3'600'000;
    failing.nextTryMs = now + 240'000;
    failing.error = Error{Errc::CertificateRefused, QStringLiteral("certificate expired on 2026-09-01"), 0};
    operations.relayStates.insert(QStringLiteral("relay.example.org "), failing);
    operations.deliver(700, QStringLiteral("matrix.town"), QString::fromLatin1(Anna));
    operations.deliver(31, QString(64, u'b'), QStringLiteral("relay.example.org"));
    deliverDemo(operations);
    using State = node::DestinationRow::State;
    operations.meet("matrix.town");
    operations.meet("bertas-server.example.net", State::Offline, 4);
    operations.outbox.last().relays = 1;
    operations.outbox.last().sentByRelay = 87;
    operations.meet("a-rather-long-name-of-a-server.example.org", State::Failing, 1);
    operations.meet(QByteArray(64, 'c'), State::Offline, 12);
    operations.outbox.first().sentDirect = 12'345;
    operations.currentStatus.offlineDestinations = 2;
}

/// As many things at once as a small screen has to bear.
void warn(FakeOperations &operations)
{
    using Kind = control::StatusWarning::Kind;
    const QString answered = QStringLiteral(" since 2026-09-21 14:13: The relay answered 403 M_FORBIDDEN: This relay "
                                            "does not act for that server");
    const QString relay = QStringLiteral("The relay relay%1.example.org %2") + answered;
    QList<control::StatusWarning> &warnings = operations.currentStatus.warnings;
    for (int number = 1; number <= 5; ++number)
        warnings.append({Kind::MyRelayRefuses, relay.arg(number).arg(QStringLiteral("hands out no mail"))});
    for (const Kind kind : {Kind::MyRelayPaused, Kind::RelayHoldsNothing, Kind::RelayRefuses})
        warnings.append({kind, relay.arg(9).arg(QStringLiteral("takes no mail"))});
    warnings.append({Kind::WrongClock, QStringLiteral("The clock of this computer is 3 days ahead of others")});
    warnings.append({Kind::CertificateEndsSoon, QStringLiteral("The certificate ends on 2026-10-01")});
    warnings.append({Kind::WrongSecret, QStringLiteral("Give the homeserver the line in node.secret")});
}

void openRelay(ui::MainWindow &window, FakeOperations &operations)
{
    operations.relayReport.outcome = node::RelayReport::Outcome::CertificateRefused;
    auto *tree = window.findChild<QTreeView *>(QStringLiteral("relayTree"));
    tree->setCurrentIndex(tree->model()->index(0, 0, tree->model()->index(0, 0)));
    window.findChild<QPushButton *>(QStringLiteral("relayEdit"))->click();
    window.findChild<QPushButton *>(QStringLiteral("test"))->click();
}

void sweep(ui::MainWindow &window, FakeOperations &operations, const QString &how)
{
    window.findChild<QPushButton *>(QStringLiteral("retrieveAll"))->click();
    operations.progress(QString::fromLatin1(Anna), 17, true);
    if (how == u"run")
        return;
    operations.progress(QStringLiteral("relay.example.org"), 0, true,
                        Error{Errc::CertificateRefused, QStringLiteral("expired"), 0});
    operations.endSweep();
}

/// Prints how long the main thread is held up by what people and the core do with 10,000 destinations.
void measure(ui::MainWindow &window, FakeOperations &operations)
{
    operations.countsHeld = false;
    QTextStream out(stdout);
    const auto time = [&out](const QString &what, auto action) {
        QElapsedTimer timer;
        timer.start();
        action();
        const double acted = double(timer.nsecsElapsed()) / 1e6;
        QCoreApplication::processEvents();
        out << what << QStringLiteral(": ") << acted << QStringLiteral(" ms, with painting ")
            << double(timer.nsecsElapsed()) / 1e6 << QStringLiteral(" ms\n");
    };
    auto *filter = window.findChild<QLineEdit *>(QStringLiteral("filter"));
    auto *tree = window.findChild<QTreeView *>(QStringLiteral("destinations"));
    out << tree->model()->rowCount() << QStringLiteral(" rows\n");
    for (const auto &text : {QStringLiteral("h"), QStringLiteral("ho"), QStringLiteral("host1"),
                             QStringLiteral("host12"), QStringLiteral("zz"), QStringLiteral("host1"), QString()})
        time(QStringLiteral("filter '%1'").arg(text), [&] { filter->setText(text); });
    for (int column = 0; column < tree->model()->columnCount(); ++column)
        time(QStringLiteral("sort by %1").arg(column), [&] { tree->sortByColumn(column, Qt::DescendingOrder); });
    time(QStringLiteral("expand all"), [&] { tree->expandAll(); });
    time(QStringLiteral("filter with all expanded"), [&] { filter->setText(QStringLiteral("host7")); });
    time(QStringLiteral("filter away"), [&] { filter->clear(); });
    auto *json = window.findChild<QPlainTextEdit *>(QStringLiteral("json"));
    json->show();
    time(QStringLiteral("256 KiB of JSON in one line"),
         [&] { json->setPlainText(QString(qsizetype{256} * 1024, u'x')); });
    time(QStringLiteral("256 KiB of JSON in short lines"),
         [&] { json->setPlainText(QStringLiteral("  \"a\": 1234,\n").repeated(256 * 1024 / 14)); });
    auto totals = operations.totals();
    time(QStringLiteral("totals, nothing changed"), [&] { Q_EMIT operations.totalsChanged(totals); });
    for (auto &destination : totals.destinations)
        ++destination.entries;
    time(QStringLiteral("totals, all changed"), [&] { Q_EMIT operations.totalsChanged(totals); });
    totals.destinations.remove(0, 5000);
    time(QStringLiteral("totals, half gone"), [&] { Q_EMIT operations.totalsChanged(totals); });
    totals = operations.totals();
    time(QStringLiteral("totals, half new"), [&] { Q_EMIT operations.totalsChanged(totals); });
}
} // namespace

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    QCommandLineParser parser;
    parser.addHelpOption();
    parser.addOptions({{QStringLiteral("empty"), QStringLiteral("nothing is held")},
                       {QStringLiteral("many"), QStringLiteral("10,000 destinations")},
                       {QStringLiteral("dark"), QStringLiteral("dark palette")},
                       {QStringLiteral("degraded"), QStringLiteral("storage fails")},
                       {QStringLiteral("warnings"), QStringLiteral("many things ask for attention")},
                       {QStringLiteral("size"), QStringLiteral("window size"), QStringLiteral("WxH")},
                       {QStringLiteral("settings"), QStringLiteral("open the settings")},
                       {QStringLiteral("measure"), QStringLiteral("print how long the window is held up, and end")},
                       {QStringLiteral("page"), QStringLiteral("page of the settings"), QStringLiteral("N")},
                       {QStringLiteral("ask"), QStringLiteral("ask whether to discard the selected entries")},
                       {QStringLiteral("friend"), QStringLiteral("open the dialog for a friend")},
                       {QStringLiteral("no-node"), QStringLiteral("the node role is off")},
                       {QStringLiteral("at"), QStringLiteral("page of the window"), QStringLiteral("N")},
                       {QStringLiteral("relay"), QStringLiteral("open the dialog for the first relay, and test it")},
                       {QStringLiteral("sweep"), QStringLiteral("let a retrieval run, or end"), QStringLiteral("HOW")},
                       {QStringLiteral("tray"), QStringLiteral("with an icon in the tray")},
                       {QStringLiteral("hidden"), QStringLiteral("start in the tray")},
                       {QStringLiteral("press"), QStringLiteral("press this button"), QStringLiteral("NAME")},
                       {QStringLiteral("card"), QStringLiteral("open the card with this link"), QStringLiteral("LINK")},
                       {QStringLiteral("select"), QStringLiteral("select the first entry")}});
    parser.process(application);
    if (parser.isSet(QStringLiteral("dark"))) {
        QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
        QApplication::setPalette(darkPalette());
    }
    ui::installTranslations(application);
    FakeOperations operations;
    FakeClock clock;
    if (!parser.isSet(QStringLiteral("empty"))) {
        fill(operations);
        fillTraffic(operations);
    }
    if (!parser.isSet(QStringLiteral("empty")) && !parser.isSet(QStringLiteral("no-node")))
        fillNode(operations);
    else if (!parser.isSet(QStringLiteral("no-node")))
        operations.becomeNode();
    if (parser.isSet(QStringLiteral("many"))) {
        for (int i = 0; i < 10'000; ++i)
            operations.hold("host" + QByteArray::number(i) + ".example.org", 3);
    }
    if (parser.isSet(QStringLiteral("degraded"))) {
        operations.currentStatus.state = control::ApplianceStatus::State::Degraded;
        operations.currentStatus.reasons = {{Errc::DiskFull, QStringLiteral("database or disk is full"), 0}};
    }
    if (parser.isSet(QStringLiteral("warnings")))
        warn(operations);
    ui::MainWindow window(operations, QString(), nullptr, &clock);
    QObject::connect(&window, &ui::MainWindow::quitRequested, &application, &QApplication::quit);
    if (const auto size = parser.value(QStringLiteral("size")).split(u'x'); size.size() == 2)
        window.resize(size[0].toInt(), size[1].toInt());
    const auto trayHost = ui::sessionTrayHost();
    std::unique_ptr<ui::Tray> tray;
    const base::SystemClock systemClock;
    if (parser.isSet(QStringLiteral("tray"))) {
        QApplication::setQuitOnLastWindowClosed(false);
        tray = std::make_unique<ui::Tray>(operations, window, *trayHost, systemClock);
        tray->start(parser.isSet(QStringLiteral("hidden")));
    } else {
        window.show();
    }
    operations.announceTotals(); // as the core does to who begins to watch
    if (parser.isSet(QStringLiteral("at")))
        window.findChild<QListWidget *>(QStringLiteral("pages"))
            ->setCurrentRow(parser.value(QStringLiteral("at")).toInt());
    if (parser.isSet(QStringLiteral("relay")))
        QTimer::singleShot(300, &window, [&] { openRelay(window, operations); });
    if (const QString how = parser.value(QStringLiteral("sweep")); !how.isEmpty())
        QTimer::singleShot(300, &window, [&window, &operations, how] { sweep(window, operations, how); });
    if (parser.isSet(QStringLiteral("settings")))
        window.findChild<QPushButton *>(QStringLiteral("settings"))->click();
    if (parser.isSet(QStringLiteral("page")))
        window.findChild<QListWidget *>(QStringLiteral("settingsPages"))
            ->setCurrentRow(parser.value(QStringLiteral("page")).toInt());
    if (parser.isSet(QStringLiteral("friend")))
        window.findChild<QPushButton *>(QStringLiteral("servedAdd"))->click();
    if (parser.isSet(QStringLiteral("ask")))
        QTimer::singleShot(1200, &window,
                           [&] { window.findChild<QPushButton *>(QStringLiteral("discardAll"))->click(); });
    if (const QString button = parser.value(QStringLiteral("press")); !button.isEmpty())
        QTimer::singleShot(600, &window, [&window, button] { window.findChild<QPushButton *>(button)->click(); });
    if (const QString link = parser.value(QStringLiteral("card")); !link.isEmpty())
        QTimer::singleShot(600, &window, [&window, link] { window.openCard(link); });
    if (parser.isSet(QStringLiteral("measure"))) {
        QTimer::singleShot(1500, &window, [&] {
            measure(window, operations);
            QApplication::quit();
        });
    }
    if (parser.isSet(QStringLiteral("select"))) {
        QTimer::singleShot(300, &window, [&] {
            auto *pages = window.findChild<QStackedWidget *>(QStringLiteral("pageStack"));
            if (auto *outbox = pages->currentWidget()->findChild<QTreeView *>(QStringLiteral("outbox")))
                outbox->setCurrentIndex(outbox->model()->index(0, 0));
            auto *tree = window.findChild<QTreeView *>(QStringLiteral("destinations"));
            tree->setCurrentIndex(tree->model()->index(0, 0));
            tree->expand(tree->currentIndex());
        });
        QTimer::singleShot(700, &window, [&] {
            auto *pages = window.findChild<QStackedWidget *>(QStringLiteral("pageStack"));
            auto *list = pages->currentWidget()->findChild<QTreeView *>(QStringLiteral("entries"));
            if (list)
                list->setCurrentIndex(list->model()->index(0, 0));
        });
    }
    return QApplication::exec();
}
