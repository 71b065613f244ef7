// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace restante::ui
{

class MainWindow;

/// Ends the program's event loop, with status 0, when `window` asks for it. Nothing can keep it from that: the window
/// hides itself instead of closing while there is a tray, and QApplication::quit takes that for a refusal. Main thread.
void endWith(MainWindow &window);

} // namespace restante::ui
