# SPDX-License-Identifier: MIT
pytest_plugins = ["understudy_fixtures"]
