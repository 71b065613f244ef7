// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/wizard/wizardpage.h"

#include <optional>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace restante::ui
{

class ChoiceCard;
class FieldError;

/// Whose mail is collected: the homeserver of this computer, found or shown by its file, or a name of Restante's own.
class IdentityPage final : public WizardPage
{
    Q_OBJECT

public:
    IdentityPage(Installation &installation, Setup &setup, QWidget *parent = nullptr);

    QString heading() const override { return tr("Your homeserver"); }
    QString explanation() const override
    {
        return tr("Restante collects under the name of your homeserver, and signs with its key. Which one is it?");
    }
    QString nextText() const override;
    bool canGoOn() const override { return m_chosen.has_value() && !m_asking; }
    void enter() override;
    void confirm() override;

private:
    struct Choice {
        homeserver::Configuration homeserver; ///< without a file: none
        friend bool operator==(const Choice &, const Choice &) = default;
    };

    void look(const QString &file);
    void showChoices(const homeserver::Found &found, bool isOneFile);
    ChoiceCard *addChoice(const QString &name, const QString &title, const QString &meaning, const Choice &choice);
    void chooseFile();
    void choose(const Choice &choice);
    void connectHomeserver();
    void test(const settings::HomeserverUrl &place);
    void sayFailure(const Error &error);

    QVBoxLayout *m_list;
    QLabel *m_found;
    QPushButton *m_otherFile;
    FieldError *m_error;
    QLabel *m_tested; ///< what the trial of the connection showed
    std::optional<Choice> m_chosen;
    std::optional<Choice> m_inForce; ///< confirmed, though the trial may have failed
    bool m_asking = false;
};

} // namespace restante::ui
