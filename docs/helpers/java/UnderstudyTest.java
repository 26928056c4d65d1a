// SPDX-License-Identifier: MIT

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What tests look like, with send() in the place of a client. */
@ExtendWith(Understudy.Extension.class)
class UnderstudyTest {
    @Test
    void lockIsFreeAfterItsTime(Understudy server) {
        server.mock("CLOCK", "FREEZE");
        assertEquals("OK", server.send("SET", "lock", "a", "NX", "PX", 30000));
        server.mock("CLOCK", "ADVANCE", 29999);
        assertNull(server.send("SET", "lock", "b", "NX", "PX", 30000));
        server.mock("CLOCK", "ADVANCE", 1);
        assertEquals("OK", server.send("SET", "lock", "b", "NX", "PX", 30000));
    }

    @Test
    void eachTestBeginsWithNothing(Understudy server) {
        assertEquals(List.of(), server.send("KEYS", "*"));
        server.send("SET", "lock", "of this test");
    }

    @Test
    void lostReplyIsNotALostWrite(Understudy server) {
        server.mock("FAULT", "ADD", "lost", "COMMAND", "incr", "TIMES", 1, "CLOSE", "AFTER");
        assertThrows(IllegalStateException.class, () -> server.send("INCR", "n"));
        assertEquals(2L, server.send("INCR", "n"));
    }

    @Test
    void noFaultIsLeft(Understudy server) {
        assertEquals(1L, server.send("INCR", "n"));
    }
}
