// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of whole windows share.
#pragma once

#include "fakeclock.h"
#include "fakeoperations.h"
#include "ui/mainwindow.h"

#include <QtCore/QTemporaryDir>
#include <QtGui/QAction>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>
#include <QtWidgets/QAbstractButton>
#include <QtWidgets/QApplication>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QTreeView>

namespace restante::test
{

/// A window over fake operations, and short ways to its parts.
class WindowFixture
{
public:
    FakeOperations operations;
    FakeClock clock;
    QTemporaryDir folder;
    std::unique_ptr<ui::MainWindow> window;

    QString stateFile() const { return folder.filePath(QStringLiteral("window.ini")); }

    void open()
    {
        window = std::make_unique<ui::MainWindow>(operations, stateFile(), nullptr, &clock);
        window->show();
        // Shortcuts work only in the active window.
        window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(window.get()));
    }

    template <typename T>
    T *find(const char *name) const
    {
        return window->findChild<T *>(QString::fromLatin1(name));
    }
    QTreeView *tree() const { return find<QTreeView>("destinations"); }
    QTreeView *list() const { return find<QTreeView>("entries"); }
    QString text(const char *label) const { return find<QLabel>(label)->text(); }
    void click(const char *button) const { find<QAbstractButton>(button)->click(); }

    /// Selects the destination in a row of the tree; true when its entries are there.
    bool select(int row, int entries)
    {
        if (!QTest::qWaitFor([&] { return tree()->model()->rowCount() > row; }))
            return false;
        tree()->setCurrentIndex(tree()->model()->index(row, 0));
        return QTest::qWaitFor([&] { return list()->model()->rowCount() == entries; });
    }

    /// The text of the page's notice; empty while it is hidden.
    QString notice() const
    {
        const auto *bar = find<QWidget>("queuesNotice");
        return bar->isVisible() ? bar->accessibleName() : QString();
    }

    /// Answers the open question; false where there is none.
    bool answer(bool yes) const
    {
        auto *box = window->findChild<QMessageBox *>(QStringLiteral("confirmDiscard"));
        if (!box)
            return false;
        for (auto *button : box->buttons()) {
            const bool destructive = box->buttonRole(button) == QMessageBox::DestructiveRole;
            if (destructive == yes) {
                button->click();
                return true;
            }
        }
        return false;
    }
    QString question() const
    {
        const auto *box = window->findChild<QMessageBox *>(QStringLiteral("confirmDiscard"));
        return box ? box->text() : QString();
    }
};

} // namespace restante::test
