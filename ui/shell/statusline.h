// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/operations.h"

#include "ui/widgets/cardframe.h"

class QPushButton;
class QToolButton;

namespace restante::ui
{

class ElidedLabel;
class StateIndicator;

/// The top of the overview: what the program is doing in one sentence, state, figures, identity, addresses, and the
/// buttons that pause and add a friend.
class StatusLine final : public CardFrame
{
    Q_OBJECT

public:
    explicit StatusLine(QWidget *parent = nullptr);

    /// `paused` is the operator's wish, which Degraded may hide in the status. Times count from `nowMs`.
    void setStatus(const control::ApplianceStatus &status, bool paused, qint64 nowMs);

Q_SIGNALS:
    void pauseToggled(bool paused);
    void friendWanted();

private:
    QString sentence(const control::ApplianceStatus &status, bool paused) const;
    QString figures(const control::ApplianceStatus &status, qint64 nowMs) const;

    StateIndicator *m_indicator;
    QLabel *m_sentence;
    DimLabel *m_state;
    ElidedLabel *m_figures;
    QPushButton *m_pause;
    QPushButton *m_addFriend;
    ElidedLabel *m_identity;
    QToolButton *m_copyIdentity;
    ElidedLabel *m_addresses;
    QToolButton *m_copyAddress;
    QString m_serverName;
    QString m_addressText;
    bool m_paused = false;
};

} // namespace restante::ui
