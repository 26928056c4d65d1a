# SPDX-License-Identifier: MIT
"""What the black-box test runners share: servers, a raw RESP client, quoting, the reply notation."""
