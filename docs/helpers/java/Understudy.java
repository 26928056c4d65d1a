// SPDX-License-Identifier: MIT

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store.CloseableResource;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One server for all tests of a run, every test with a fresh state. Needs JUnit 5 alone.
 *
 * <pre>
 * {@literal @}ExtendWith(Understudy.Extension.class)
 * class LockTest {
 *     {@literal @}Test
 *     void lockIsFreeAfterItsTime(Understudy server) {
 *         server.mock("CLOCK", "FREEZE");
 *         ... any client of server.uri() ...
 *         server.mock("CLOCK", "ADVANCE", 30000);
 * </pre>
 *
 * Tests that run in parallel want one each: new Understudy(), and close() at the end.
 * Copy this file. The program is the one that UNDERSTUDY names, or understudy on PATH.
 */
public final class Understudy implements CloseableResource {
    private final Process process;
    private final String host;
    private final int port;

    /** A server on a free port, with more words for its command line; it ends with this process. */
    public Understudy(String... options) throws IOException {
        String program = System.getenv().getOrDefault("UNDERSTUDY", "understudy");
        List<String> command = new ArrayList<>(List.of(program, "--port", "0", "--exit-with-parent",
                "--ready-fd", "1", "--logfile", "/dev/null"));
        command.addAll(Arrays.asList(options));
        process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String[] address = readLine(process.getInputStream()).split(" ");
        host = address[0];
        port = Integer.parseInt(address[1]);
    }

    public String host() {
        return host;
    }

    public int port() {
        return port;
    }

    public URI uri() {
        return URI.create("redis://" + host + ":" + port);
    }

    @Override
    public void close() {
        process.destroy();
    }

    /** A subcommand of MOCK. */
    public Object mock(Object... words) {
        List<Object> all = new ArrayList<>(List.of("MOCK"));
        all.addAll(Arrays.asList(words));
        return send(all.toArray());
    }

    /** Any command, on a connection of its own: a String, Long, List or null; an error is thrown. */
    public Object send(Object... words) {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(("*" + words.length + "\r\n").getBytes(StandardCharsets.UTF_8));
        for (Object word : words) {
            byte[] text = word.toString().getBytes(StandardCharsets.UTF_8);
            request.writeBytes(("$" + text.length + "\r\n").getBytes(StandardCharsets.UTF_8));
            request.writeBytes(text);
            request.writeBytes(new byte[] {'\r', '\n'});
        }
        try (Socket socket = new Socket(host, port)) {
            socket.getOutputStream().write(request.toByteArray());
            return read(socket.getInputStream());
        } catch (IOException problem) {
            throw new IllegalStateException("the server closed the connection", problem);
        }
    }

    private static Object read(InputStream in) throws IOException {
        String line = readLine(in);
        String text = line.substring(1);
        switch (line.charAt(0)) {
            case '+':
                return text;
            case '-':
                throw new IllegalStateException(text);
            case ':':
                return Long.valueOf(text);
            case '$':
                int size = Integer.parseInt(text);
                if (size < 0) return null;
                byte[] data = in.readNBytes(size + 2);
                if (data.length < size + 2) throw new EOFException();
                return new String(data, 0, size, StandardCharsets.UTF_8);
            default:
                int count = Integer.parseInt(text);
                if (count < 0) return null;
                List<Object> elements = new ArrayList<>();
                while (elements.size() < count) elements.add(read(in));
                return elements;
        }
    }

    private static String readLine(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) throw new EOFException("the server ended");
            line.write(next);
        }
        return line.toString(StandardCharsets.UTF_8).trim();
    }

    /** Starts the server before the first test that asks for it, resets it before each. */
    public static final class Extension implements BeforeEachCallback, ParameterResolver {
        private static Understudy server(ExtensionContext context) {
            return context.getRoot().getStore(Namespace.GLOBAL)
                    .getOrComputeIfAbsent(Understudy.class, key -> {
                        try {
                            return new Understudy();
                        } catch (IOException problem) {
                            throw new IllegalStateException("understudy does not start", problem);
                        }
                    }, Understudy.class);
        }

        @Override
        public void beforeEach(ExtensionContext context) {
            server(context).mock("RESET");
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Understudy.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return server(context);
        }
    }
}
