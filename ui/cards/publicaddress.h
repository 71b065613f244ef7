// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "control/operations.h"

#include <QtCore/QTimer>
#include <QtWidgets/QWidget>

class QComboBox;
class QLabel;

namespace restante::ui
{

class FieldError;

/// Where others reach this relay, for its card: offers the addresses that this computer has, takes any other, and says
/// when somebody last came in from another computer.
class PublicAddress final : public QWidget
{
    Q_OBJECT

public:
    /// Of `operations` only the status is read, while this is seen; null: nothing is said of requests.
    explicit PublicAddress(const control::Operations *operations, QWidget *parent = nullptr);

    /// Offers the addresses anew; the one that was chosen goes along if it was one of them.
    void setPort(quint16 port, bool encrypted);
    /// As in settings::Settings::cardAddresses.
    QString addresses() const;
    void setAddresses(const QString &addresses);
    /// Takes the first one that is offered, if there is none yet.
    void chooseFirst();
    /// Shows what is wrong, and returns it; empty if it can be used, or nothing is entered.
    QString validate();
    /// As `validate`, for what was found out elsewhere.
    void sayProblem(const QString &problem);
    QComboBox *field() const { return m_field; }

    /// While it is seen, it looks so often whether somebody has come in.
    static constexpr int LookMs = 1'000;

Q_SIGNALS:
    void edited();

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void offer();
    void explain();
    void showLast();

    const control::Operations *m_operations;
    const base::SystemClock m_clock{};
    QComboBox *m_field;
    FieldError *m_error;
    QLabel *m_meaning; ///< from where it can be reached
    QLabel *m_last;
    QTimer m_look;
    QString m_name; ///< of this computer, if it leads here
    quint16 m_port = 0;
    bool m_encrypted = true;
};

/// Whether somebody has come in from another computer, as far as that was observed.
QString lastOutsideText(const control::ApplianceStatus &status, qint64 nowMs);

} // namespace restante::ui
