// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/operations.h"
#include "ui/settings/settingspage.h"

#include <QtCore/QTimer>

#include <optional>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QVBoxLayout;

namespace restante::ui
{

class FieldError;

/// The homeserver of the person at this computer: finds it, tests whether it and Restante reach each other, and has the
/// lines for its configuration.
class HomeserverSettings final : public SettingsPage
{
    Q_OBJECT

public:
    /// Of `operations` only what is about the homeserver is asked, and nothing before the page is shown.
    explicit HomeserverSettings(control::Operations &operations, QWidget *parent = nullptr);

    QString title() const override { return tr("My homeserver"); }
    void load(const settings::Settings &settings) override;
    void store(settings::Settings &settings) const override;
    QString validate() override;

    /// While the page is seen, it looks so often whether the homeserver has sent something.
    static constexpr int LookMs = 1'000;

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    QWidget *buildPlace();
    QWidget *buildTest();
    QWidget *buildLines();
    void find(const QString &file);
    void chooseFile();
    void takeFound(const homeserver::Found &found, bool isOneFile);
    void offerPlace();
    void test();
    void showUntested();
    void showWayOut();
    void showLines();
    homeserver::Configuration chosen() const;

    control::Operations &m_operations;
    QList<homeserver::Configuration> m_choices; ///< those found, then one of each software that is elsewhere
    std::optional<Result<homeserver::Access>> m_access;
    QComboBox *m_which;
    QLabel *m_found;
    QPushButton *m_lookAgain;
    QPushButton *m_otherFile;
    QPushButton *m_use; ///< takes the address of what is chosen
    QLineEdit *m_place;
    FieldError *m_placeError;
    QLineEdit *m_upstream;
    FieldError *m_upstreamError;
    QPushButton *m_test;
    QLabel *m_deliveryIcon;
    QLabel *m_delivery;
    QLabel *m_wayOutIcon;
    QLabel *m_wayOut;
    QLabel *m_remark;
    QWidget *m_pieces = nullptr; ///< the boxes with lines
    QVBoxLayout *m_linesLayout = nullptr;
    QTimer m_look;
    quint32 m_testNumber = 0; ///< an answer to an earlier test is dropped
    bool m_looked = false;
};

} // namespace restante::ui
