// SPDX-License-Identifier: GPL-3.0-or-later
// Included before every test: QTRY_ waits for 20 s instead of 5. Who passes does not wait longer, and a
// machine with sanitizers, Wine or other programs is slow.
#pragma once

#include <QtTest/qtestcase.h>

#undef QTRY_VERIFY
#define QTRY_VERIFY(expr) QTRY_VERIFY_WITH_TIMEOUT(expr, 20'000)
#undef QTRY_VERIFY2
#define QTRY_VERIFY2(expr, messageExpression) QTRY_VERIFY2_WITH_TIMEOUT(expr, messageExpression, 20'000)
#undef QTRY_COMPARE
#define QTRY_COMPARE(expr, expected) QTRY_COMPARE_WITH_TIMEOUT(expr, expected, 20'000)
