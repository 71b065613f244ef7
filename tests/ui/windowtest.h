// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of whole windows share.
#pragma once

#include "fakeclock.h"
#include "fakeoperations.h"
#include "ui/shell/mainwindow.h"
#include "ui/widgets/page.h"

#include <QtCore/QSet>
#include <QtCore/QTemporaryDir>
#include <QtGui/QAction>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>
#include <QtWidgets/QAbstractButton>
#include <QtWidgets/QApplication>
#include <QtWidgets/QDialogButtonBox>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QListWidget>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QRadioButton>
#include <QtWidgets/QSplitter>
#include <QtWidgets/QStackedWidget>
#include <QtWidgets/QTreeView>

#include <memory>

namespace restante::test
{

/// What the tab key can reach in `window` right now, as far as it should. Of a group of radio buttons it reaches the
/// chosen one, the arrows the others.
inline QSet<QWidget *> tabStops(const QWidget &window)
{
    QSet<QWidget *> stops;
    const auto widgets = window.findChildren<QWidget *>();
    for (auto *widget : widgets) {
        const auto *radio = qobject_cast<QRadioButton *>(widget);
        if (widget->isVisible() && widget->isEnabled() && (widget->focusPolicy() & Qt::TabFocus) &&
            !widget->focusProxy() && !qobject_cast<QSplitterHandle *>(widget) && (!radio || radio->isChecked()))
            stops.insert(widget);
    }
    return stops;
}

/// The first of the tab stops that the tab key does not reach, by class and name; empty if it reaches all.
inline QString outOfReach(QWidget &window)
{
    const auto wanted = tabStops(window);
    QSet<QWidget *> reached;
    for (int presses = 0; presses < 3 * wanted.size() && !reached.contains(wanted); ++presses) {
        QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : &window, Qt::Key_Tab);
        reached.insert(QApplication::focusWidget());
    }
    for (auto *widget : wanted) {
        if (!reached.contains(widget))
            return QString::fromLatin1(widget->metaObject()->className()) + u' ' + widget->objectName();
    }
    return {};
}

/// The mnemonics that can be seen in `window`, and the first text whose letter another has already. OK and Cancel
/// belong to Qt and have Return and Escape.
struct Mnemonics {
    QSet<QChar> letters;
    QString doubled;
};
inline Mnemonics mnemonics(const QWidget &window)
{
    Mnemonics found;
    const auto widgets = window.findChildren<QWidget *>();
    for (const auto *widget : widgets) {
        if (!widget->isVisible() || qobject_cast<const QDialogButtonBox *>(widget->parentWidget()))
            continue;
        QString text;
        if (const auto *button = qobject_cast<const QAbstractButton *>(widget))
            text = button->text();
        else if (const auto *label = qobject_cast<const QLabel *>(widget); label && label->buddy())
            text = label->text();
        const auto keys = QKeySequence::mnemonic(text);
        if (keys.isEmpty())
            continue;
        const QChar letter = QChar(ushort(keys[0].key()));
        if (found.letters.contains(letter) && found.doubled.isEmpty())
            found.doubled = text;
        found.letters.insert(letter);
    }
    return found;
}

/// Answers the question that `window` asks; false if there is none.
inline bool answerQuestion(const QWidget &window, bool yes)
{
    const auto *box = window.findChild<QMessageBox *>(QStringLiteral("confirmation"));
    if (!box)
        return false;
    for (auto *button : box->buttons()) {
        if ((box->buttonRole(button) == QMessageBox::DestructiveRole) == yes) {
            button->click();
            return true;
        }
    }
    return false;
}

/// A window over fake operations, and short ways to its parts.
class WindowFixture
{
public:
    FakeOperations operations;
    FakeClock clock;
    QTemporaryDir folder;
    std::unique_ptr<ui::MainWindow> window;

    QString stateFile() const { return folder.filePath(QStringLiteral("window.ini")); }

    /// On the page that most tests are about, or on that with this key.
    void open(const char *page = "queues")
    {
        window = std::make_unique<ui::MainWindow>(operations, stateFile(), nullptr, &clock);
        window->show();
        // Shortcuts work only in the active window.
        window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(window.get()));
        const auto *pages = window->findChild<QStackedWidget *>(QStringLiteral("pageStack"));
        for (int row = 0; row < pages->count(); ++row) {
            if (static_cast<ui::Page *>(pages->widget(row))->stateKey() == QLatin1String(page))
                find<QListWidget>("pages")->setCurrentRow(row);
        }
    }

    /// On the current page, or else anywhere in the window: pages have parts of the same names.
    template <typename T>
    T *find(const char *name) const
    {
        const auto *pages = window->findChild<QStackedWidget *>(QStringLiteral("pageStack"));
        if (auto *here = pages->currentWidget()->findChild<T *>(QString::fromLatin1(name)))
            return here;
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

    /// The pages with their figures, as they are read aloud.
    QStringList pageNames() const
    {
        QStringList names;
        const auto *pages = find<QListWidget>("pages");
        for (int row = 0; row < pages->count(); ++row)
            names.append(pages->item(row)->data(Qt::AccessibleTextRole).toString());
        return names;
    }

    /// Goes to a page by its name in the list.
    void goTo(const QString &title)
    {
        auto *pages = find<QListWidget>("pages");
        for (int row = 0; row < pages->count(); ++row) {
            if (pages->item(row)->text().startsWith(title))
                pages->setCurrentRow(row);
        }
    }

    /// The text of a page's notice; empty while it is hidden.
    QString notice(const char *name = "queuesNotice") const
    {
        const auto *bar = find<QWidget>(name);
        return bar->isVisible() ? bar->accessibleName() : QString();
    }

    bool answer(bool yes) const { return answerQuestion(*window, yes); }
    QString question() const
    {
        const auto *box = window->findChild<QMessageBox *>(QStringLiteral("confirmation"));
        return box ? box->text() : QString();
    }
};

} // namespace restante::test
