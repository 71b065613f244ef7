// SPDX-License-Identifier: GPL-3.0-or-later
// What is wrong with a setting, in words of people.
#pragma once

#include "settings/complaint.h"

namespace restante::ui
{

/// One sentence for the field beside which it is shown; the setting's key is left out.
QString complaintText(const settings::Complaint &complaint);
/// The same for where no field is: with the key, without which nobody could find the setting.
QString complaintTextWithKey(const settings::Complaint &complaint);
/// The same with "%1" and so on in the place of the arguments; empty for a code that has no words.
QString complaintPattern(settings::Complaint::Code code);

} // namespace restante::ui
