package pomona.torchscript;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads pickled data as data: classes are names, calls are descriptions, nothing is loaded and nothing runs. Understands
 * the opcodes that PyTorch writes (protocol 2) and refuses any other. Source: CPython, Lib/pickletools.py.
 */
final class PickleReader {

    private static final Object MARK = new Object();

    private static final String DICTIONARY = "collections.OrderedDict";

    /** Numbers of more bytes than this are no sizes or settings. */
    private static final int MOST_LONG = 8;

    private final ByteBuffer in;
    private final List<Object> stack = new ArrayList<>();
    private final Map<Integer, Object> memo = new HashMap<>();

    private PickleReader(byte[] bytes) {
        this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Reads one pickle.
     *
     * @throws IllegalArgumentException if it is damaged, or has what PyTorch does not write
     */
    static Object read(byte[] bytes) {
        PickleReader reader = new PickleReader(bytes);
        try {
            return reader.run();
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("its pickled data is cut short.", e);
        } catch (ClassCastException e) {
            throw reader.damaged();
        }
    }

    private Object run() {
        while (true) {
            int code = Byte.toUnsignedInt(in.get());
            if (code == '.') {
                return pop();
            }
            if (!scalar(code) && !collection(code) && !object(code)) {
                throw new IllegalArgumentException(String.format(
                        "its pickled data has the opcode 0x%02X at byte %d, which PyTorch does not write.",
                        code, in.position() - 1));
            }
        }
    }

    private boolean scalar(int code) {
        switch (code) {
            case 0x80 -> in.get();
            case 'N' -> push(Pickle.NONE);
            case 0x88 -> push(Boolean.TRUE);
            case 0x89 -> push(Boolean.FALSE);
            case 'J' -> push((long) in.getInt());
            case 'K' -> push((long) Byte.toUnsignedInt(in.get()));
            case 'M' -> push((long) Short.toUnsignedInt(in.getShort()));
            case 0x8A -> push(longInteger());
            case 'G' -> push(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
            case 'X' -> push(text(in.getInt()));
            case 0x8C, 'U' -> push(text(Byte.toUnsignedInt(in.get())));
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean collection(int code) {
        switch (code) {
            case '(' -> push(MARK);
            case ')' -> push(new ArrayList<>());
            case ']' -> push(new ArrayList<>());
            case '}' -> push(new LinkedHashMap<>());
            case 't', 'l' -> push(popToMark());
            case 0x85 -> push(popped(1));
            case 0x86 -> push(popped(2));
            case 0x87 -> push(popped(3));
            case 'a' -> {
                Object value = pop();
                list().add(value);
            }
            case 'e' -> {
                List<Object> values = popToMark();
                list().addAll(values);
            }
            case 's' -> {
                Object value = pop();
                Object key = pop();
                map().put(key(key), value);
            }
            case 'u' -> {
                List<Object> values = popToMark();
                for (int i = 0; i + 1 < values.size(); i += 2) {
                    map().put(key(values.get(i)), values.get(i + 1));
                }
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean object(int code) {
        switch (code) {
            case 'q' -> memo.put(Byte.toUnsignedInt(in.get()), peek());
            case 'r' -> memo.put(in.getInt(), peek());
            case 'h' -> push(remembered(Byte.toUnsignedInt(in.get())));
            case 'j' -> push(remembered(in.getInt()));
            case 'c' -> push(new Pickle.Global(line() + "." + line()));
            case 'Q' -> push(new Pickle.Persistent(pop()));
            case 'R' -> {
                List<?> arguments = (List<?>) pop();
                Pickle.Global function = (Pickle.Global) pop();
                boolean dictionary = function.name().equals(DICTIONARY) && arguments.isEmpty();
                push(
                        dictionary
                                ? new LinkedHashMap<>()
                                : new Pickle.Call(function, Collections.unmodifiableList(arguments)));
            }
            case 0x81 -> {
                pop();
                push(new Pickle.Instance((Pickle.Global) pop()));
            }
            case 'b' -> {
                Object state = pop();
                // A dictionary can have attributes too, such as the versions of its modules.
                if (!(peek() instanceof Map)) {
                    ((Pickle.Instance) peek()).state = state;
                }
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void push(Object value) {
        stack.add(value);
    }

    private Object pop() {
        if (stack.isEmpty()) {
            throw damaged();
        }
        return stack.remove(stack.size() - 1);
    }

    private Object peek() {
        if (stack.isEmpty()) {
            throw damaged();
        }
        return stack.get(stack.size() - 1);
    }

    private List<Object> popToMark() {
        int mark = stack.lastIndexOf(MARK);
        if (mark < 0) {
            throw damaged();
        }
        List<Object> tail = stack.subList(mark + 1, stack.size());
        List<Object> values = new ArrayList<>(tail);
        tail.clear();
        pop();
        return values;
    }

    private List<Object> popped(int count) {
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(0, pop());
        }
        return values;
    }

    @SuppressWarnings("unchecked")
    private List<Object> list() {
        return (List<Object>) peek();
    }

    @SuppressWarnings("unchecked")
    private Map<Object, Object> map() {
        return (Map<Object, Object>) peek();
    }

    /** Keys are texts and numbers; what can hold itself has no hash. */
    private Object key(Object key) {
        if (key instanceof String || key instanceof Long || key instanceof Boolean || key instanceof Double) {
            return key;
        }
        throw damaged();
    }

    private Object remembered(int index) {
        Object value = memo.get(index);
        if (value == null) {
            throw damaged();
        }
        return value;
    }

    private long longInteger() {
        int length = Byte.toUnsignedInt(in.get());
        if (length > MOST_LONG) {
            throw damaged();
        }
        long value = 0;
        for (int i = 0; i < length; i++) {
            value |= Byte.toUnsignedLong(in.get()) << 8 * i;
        }
        int unused = 64 - 8 * length;
        return length == 0 ? 0 : value << unused >> unused;
    }

    private String text(int length) {
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private String line() {
        int start = in.position();
        while (in.get() != '\n') {
            // Goes on to the end of the line.
        }
        return new String(in.array(), start, in.position() - 1 - start, StandardCharsets.UTF_8);
    }

    private IllegalArgumentException damaged() {
        return new IllegalArgumentException("its pickled data is damaged at byte " + in.position() + ".");
    }
}
