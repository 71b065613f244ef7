// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>

class QApplication;

namespace restante::ui
{

/// Texts on the screen are plain: much of them comes from strangers (names, what relays and servers answered), and Qt
/// takes what looks like HTML for HTML, links and pictures from elsewhere included. While it lives, every label of the
/// application, those of message boxes among them, shows its text as it is. Main thread.
class PlainText final : public QObject
{
    Q_OBJECT

public:
    /// The application outlives it.
    explicit PlainText(QApplication &application);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
};

/// The same for a notification, which the desktop shows: its server may know a few elements of HTML, and cannot be told
/// that there are none.
QString withoutMarkup(QString text);

} // namespace restante::ui
