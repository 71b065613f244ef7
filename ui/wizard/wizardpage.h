// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/wizard/installation.h"

#include <QtWidgets/QWidget>

namespace restante::ui
{

/// What has been answered so far; each page writes its own part.
struct Setup {
    enum class Purpose { Hold, Collect, Both };

    Purpose purpose = Purpose::Hold;
    QString link = {};   ///< of a card that waits to be opened
    QString called = {}; ///< who was added last, as people call them here; empty: nobody
    bool addedRelay = false;

    bool holds() const { return purpose != Purpose::Collect; }
    bool collects() const { return purpose != Purpose::Hold; }
};

/// One question. What was answered is put in force when the page is confirmed, and not before.
class WizardPage : public QWidget
{
    Q_OBJECT

public:
    WizardPage(Installation &installation, Setup &setup, QWidget *parent = nullptr)
        : QWidget(parent)
        , m_installation(installation)
        , m_setup(setup)
    {
    }

    virtual QString heading() const = 0;
    virtual QString explanation() const = 0;
    /// What the button does that goes on, with a mnemonic.
    virtual QString nextText() const { return tr("&Next"); }
    virtual bool canGoOn() const { return true; }
    /// It is about to be seen.
    virtual void enter() {}
    /// Puts in force what was answered: `confirmed` comes then, at once or later; else it says what is wrong.
    virtual void confirm() { Q_EMIT confirmed(); }

Q_SIGNALS:
    void confirmed();
    /// `nextText` or `canGoOn` may be another now.
    void changed();

protected:
    Installation &m_installation;
    Setup &m_setup;
};

} // namespace restante::ui
