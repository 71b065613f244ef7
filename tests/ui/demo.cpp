// SPDX-License-Identifier: GPL-3.0-or-later
// Shows the window over made-up queues, to look at it: restante_ui_demo [--empty] [--many] [--dark] [--open PAGE] …
#include "fakeclock.h"
#include "fakeoperations.h"
#include "ui/mainwindow.h"
#include "ui/translation.h"

#include <QtCore/QCommandLineParser>
#include <QtCore/QTimer>
#include <QtGui/QPalette>
#include <QtWidgets/QApplication>
#include <QtWidgets/QPushButton>
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
        {QString::fromLatin1(Anna), QStringLiteral("anna"), {QStringLiteral("matrix.town")}},
        {QStringLiteral("home.example.org"), {}, {}},
        {QStringLiteral("bertas-server.example.net"), QStringLiteral("berta"), {}}};
    operations.hold(Anna, 61, QStringLiteral("matrix.town"), QStringLiteral("anna"));
    operations.hold(Anna, 36, QString(64, u'b'), QStringLiteral("work"));
    operations.hold(Anna, 700, QStringLiteral("a-rather-long-name-of-a-server.example.org"), QString());
    operations.hold("home.example.org", 31, QStringLiteral("matrix.town"), QStringLiteral("carl"));
    operations.currentStatus.lastContactMs = FakeClock().wallMs() - 125'000;
    operations.currentStatus.serverName = QString(64, u'e');
    queue::HeldEntry large;
    large.pdus = "[" + QByteArray("{\"type\":\"m.room.message\",\"content\":{\"body\":\"x\"}},").repeated(200'000);
    large.pdus.chop(1);
    large.pdus += "]";
    large.edus = "[]";
    operations.bodies.insert(2, large);
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
                       {QStringLiteral("size"), QStringLiteral("window size"), QStringLiteral("WxH")},
                       {QStringLiteral("settings"), QStringLiteral("open the settings")},
                       {QStringLiteral("select"), QStringLiteral("select the first entry")}});
    parser.process(application);
    if (parser.isSet(QStringLiteral("dark"))) {
        QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
        QApplication::setPalette(darkPalette());
    }
    ui::installTranslations(application);
    FakeOperations operations;
    FakeClock clock;
    if (!parser.isSet(QStringLiteral("empty")))
        fill(operations);
    if (parser.isSet(QStringLiteral("many"))) {
        for (int i = 0; i < 10'000; ++i)
            operations.hold("host" + QByteArray::number(i) + ".example.org", 3);
    }
    if (parser.isSet(QStringLiteral("degraded"))) {
        operations.currentStatus.state = control::ApplianceStatus::State::Degraded;
        operations.currentStatus.reasons = {{Errc::StorageFailed, QStringLiteral("database or disk is full"), 0}};
    }
    ui::MainWindow window(operations, QString(), nullptr, &clock);
    QObject::connect(&window, &ui::MainWindow::quitRequested, &application, &QApplication::quit);
    if (const auto size = parser.value(QStringLiteral("size")).split(u'x'); size.size() == 2)
        window.resize(size[0].toInt(), size[1].toInt());
    window.show();
    if (parser.isSet(QStringLiteral("settings")))
        window.findChild<QPushButton *>(QStringLiteral("settings"))->click();
    if (parser.isSet(QStringLiteral("select"))) {
        QTimer::singleShot(300, &window, [&] {
            auto *tree = window.findChild<QTreeView *>(QStringLiteral("destinations"));
            tree->setCurrentIndex(tree->model()->index(0, 0));
            tree->expand(tree->currentIndex());
        });
        QTimer::singleShot(700, &window, [&] {
            auto *list = window.findChild<QTreeView *>(QStringLiteral("entries"));
            list->setCurrentIndex(list->model()->index(0, 0));
        });
    }
    return QApplication::exec();
}
