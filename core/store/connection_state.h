// SPDX-License-Identifier: GPL-3.0-or-later
// Inside of a connection, shared by the two sources of this folder only.
#pragma once

#include "core/store/database.h"

#include <QSqlDatabase>
#include <QSqlQuery>

#include <unordered_map>

namespace sr::store {

struct Connection::State {
    QSqlDatabase database;
    QString name; ///< in Qt's registry of connections
    std::unordered_map<std::string, std::unique_ptr<QSqlQuery>> compiled;
    ~State();
};

} // namespace sr::store
