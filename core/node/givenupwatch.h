// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "federation/caller.h"
#include "node/associationboard.h"

#include <QtCore/QTimer>

#include <functional>
#include <map>

namespace restante::node
{

/// Asks the relays that send for us what they have given up, because it expired before its destination was there or
/// their operator threw it away (PROTOCOL 6.7), and tells it: in the log when it is news, and on the board. Lives in
/// the node's thread.
class GivenUpWatch
{
public:
    static constexpr int AskMs = 60 * 60'000; ///< between two questions
    static constexpr int AnswerMs = 20'000;

    /// `changed`: the board tells something else now. All outlive it.
    GivenUpWatch(federation::Caller &caller, AssociationBoard &board, std::function<void()> changed);
    ~GivenUpWatch();
    Q_DISABLE_COPY_MOVE(GivenUpWatch)

    /// Asks all of the board's own relays now; the timer does it by itself.
    void ask();

private:
    void onAnswer(const matrix::ServerName &relay, const Result<federation::Response> &response);

    federation::Caller &m_caller;
    AssociationBoard &m_board;
    const std::function<void()> m_changed;
    std::map<matrix::ServerName, federation::Caller::Id> m_asking;
    QTimer m_timer;
};

/// What the 200 answer of a relay says; what cannot be read is left out, and so is all beyond the first 10,000. Any
/// thread.
QHash<matrix::ServerName, GivenUpMail> readGivenUp(const QByteArray &body);

} // namespace restante::node
